// What is measured: each scenario is the same work for every side.
import { limitOfOpenFiles } from '../../src/ops/openfiles'
import { type Opening, type Seat, type Work } from './jobs'
import type { PlannedChat, World } from './world/plan'
import { soughtWords } from './world/texts'
import { PASSWORD } from './world/write'

/** `fresh`: by a server of its own, since it would leave work or memory behind. */
interface Common {
  name: string
  unit: '/s' | 'ms' | 'KB' | 'MB'
  servers: 'shared' | 'fresh'
  /** 1 ms is added to each sync of the disk. */
  slowDisk?: true
  /** Takes minutes: only where `--only` asks for it. */
  isLong?: true
}

export interface Loaded extends Common {
  work(world: World, tokenOf: (person: number) => string): Work
}

/** `start`: until the first answer; `rest`: its memory a second after. */
export interface Started extends Common {
  figure: 'start' | 'rest'
  store: 'empty' | 'full'
}

export type Scenario = Loaded | Started

type Tokens = (person: number) => string

const seats = (members: number[], chatOf: (i: number) => PlannedChat, tokenOf: Tokens): Seat[] =>
  members.map((person, i) => ({ token: tokenOf(person), chat_id: chatOf(i).id }))

const sends = (connections: number, door: 'socket' | 'post'): Loaded['work'] => {
  return ({ talkers, hundred }, tokenOf) => ({
    door,
    senders: seats(talkers.slice(0, connections), i => hundred[i % 100] as PlannedChat, tokenOf),
    listeners: [],
    counts: 'sends',
  })
}

const sendsToOne = (
  members: 10 | 100 | 500,
  connections: number,
  door: 'socket' | 'post',
): Loaded['work'] => {
  return ({ talkers, groups }, tokenOf) => ({
    door,
    senders: seats(talkers.slice(0, connections), () => groups[members], tokenOf),
    listeners: [],
    counts: 'sends',
  })
}

const fanOut = (members: 100 | 1000 | 5000): Loaded['work'] => {
  return ({ hosts, listeners, rooms }, tokenOf) => ({
    door: 'socket',
    senders: seats(hosts, () => rooms[members], tokenOf),
    listeners: listeners.slice(0, members).map(tokenOf),
    counts: 'deliveries',
  })
}

/** Places all over the chat. */
const history = (which: 'small' | 'large'): Loaded['work'] => {
  return ({ readers: [reader = 0], [which]: chat }, tokenOf) => ({
    door: 'get',
    token: tokenOf(reader),
    connections: 32,
    paths: Array.from({ length: 256 }, (_, i) => {
      const before = 51 + Math.floor((((i * 97) % 256) / 256) * (chat.messages - 50))
      return `/chats/${chat.id}/messages?before=${before}&limit=50`
    }),
    items: 50,
  })
}

const search: Loaded['work'] = ({ searcher }, tokenOf) => ({
  door: 'get',
  token: tokenOf(searcher),
  connections: 8,
  paths: soughtWords.map(word => `/messages/search?q=${word}&limit=10`),
  items: 10,
})

const list: Loaded['work'] = ({ lister }, tokenOf) => ({
  door: 'get',
  token: tokenOf(lister),
  connections: 32,
  paths: ['/chats?limit=50'],
  items: 50,
})

const usernamesOf = ({ signers }: World) => signers.map(no => `bench${no}`)

const open = (door: Opening['door'], who: (world: World) => number[]): Loaded['work'] => {
  return (world, tokenOf) => ({ door, tokens: who(world).map(tokenOf) })
}

const beside = (signing: boolean): Loaded['work'] => {
  return (world, tokenOf) => ({
    door: 'beside',
    token: tokenOf(world.lister),
    path: '/chats?limit=50',
    usernames: signing ? usernamesOf(world) : [],
    password: PASSWORD,
  })
}

const MANY = 50_000
/** Open files of a server that are no idle sockets. */
const KEPT_BACK = 2_000

/** As many idle sockets as server and client may have files open; each person has several. */
const idleSockets = Math.min(MANY, Math.floor(((limitOfOpenFiles() ?? MANY) - KEPT_BACK) / 1000) * 1000)

const idleTokens = ({ listeners }: World, tokenOf: Tokens): string[] =>
  Array.from({ length: idleSockets }, (_, i) => tokenOf(listeners[i % listeners.length] as number))

const p99OfSends = (idle: (world: World, tokenOf: Tokens) => string[]): Loaded['work'] => {
  return (world, tokenOf) => ({
    door: 'socket',
    senders: seats(world.talkers, i => world.hundred[i % 100] as PlannedChat, tokenOf),
    listeners: [],
    idle: idle(world, tokenOf),
    counts: 'p99',
  })
}

/** Those of the largest room who are in no other chat. */
const LONERS_FROM = 1_000

const thousands = (count: number) => (count >= 1e6 ? `${count / 1e6} M` : `${count / 1e3} k`)

export function scenariosWith(messages: number): Scenario[] {
  const sent = { unit: '/s', servers: 'shared' } as const
  const fresh = { servers: 'fresh' } as const
  const many = { ...fresh, isLong: true } as const
  const stored = thousands(messages)
  return [
    { name: 'start to first answer, empty store', unit: 'ms', ...fresh, figure: 'start', store: 'empty' },
    {
      name: `start to first answer, ${stored} messages`,
      unit: 'ms',
      ...fresh,
      figure: 'start',
      store: 'full',
    },
    { name: 'memory at rest', unit: 'MB', ...fresh, figure: 'rest', store: 'full' },
    {
      name: 'memory per idle socket, in 1 chat',
      unit: 'KB',
      ...fresh,
      work: open('memory', ({ listeners }) => listeners.slice(LONERS_FROM)),
    },
    {
      name: 'memory per idle socket, in 50 chats',
      unit: 'KB',
      ...fresh,
      work: open('memory', ({ crowd }) => crowd[50]),
    },
    {
      name: 'memory per idle socket, in 200 chats',
      unit: 'KB',
      ...fresh,
      work: open('memory', ({ crowd }) => crowd[200]),
    },
    {
      name: 'sign-ins by password',
      unit: '/s',
      ...fresh,
      work: world => ({ door: 'login', usernames: usernamesOf(world), connections: 16, password: PASSWORD }),
    },
    { name: 'p99 of chat lists, 200/s', unit: 'ms', ...fresh, work: beside(false) },
    { name: 'the same while 200 people sign in', unit: 'ms', ...fresh, work: beside(true) },
    {
      name: 'sends, sockets, 100 chats, 100 connections, 1 ms per fsync',
      unit: '/s',
      ...fresh,
      slowDisk: true,
      work: sends(100, 'socket'),
    },
    { name: 'sends, sockets, 100 chats, 1 connection', ...sent, work: sends(1, 'socket') },
    { name: 'sends, sockets, 100 chats, 10 connections', ...sent, work: sends(10, 'socket') },
    { name: 'sends, sockets, 100 chats, 100 connections', ...sent, work: sends(100, 'socket') },
    { name: 'sends, sockets, 100 chats, 500 connections', ...sent, work: sends(500, 'socket') },
    { name: 'sends, sockets, one chat of 10', ...sent, work: sendsToOne(10, 10, 'socket') },
    { name: 'sends, sockets, one chat of 100', ...sent, work: sendsToOne(100, 100, 'socket') },
    { name: 'sends, sockets, one chat of 500', ...sent, work: sendsToOne(500, 500, 'socket') },
    { name: 'sends, POST, 100 chats, 64 connections', ...sent, work: sends(64, 'post') },
    { name: 'sends, POST, one chat, 64 connections', ...sent, work: sendsToOne(100, 64, 'post') },
    { name: 'deliveries, room of 100', ...sent, work: fanOut(100) },
    { name: 'deliveries, room of 1,000', ...sent, work: fanOut(1000) },
    { name: 'deliveries, room of 5,000', ...sent, work: fanOut(5000) },
    { name: 'history, page of 50, chat of 1 k', ...sent, work: history('small') },
    { name: `history, page of 50, chat of ${thousands(messages / 2)}`, ...sent, work: history('large') },
    { name: `list of 50 chats, ${stored} messages`, ...sent, work: list },
    { name: `search, a word in ${thousands(messages / 10)} of mine`, ...sent, work: search },
    { name: 'idle sockets: p99 of 500 senders beside none', unit: 'ms', ...many, work: p99OfSends(() => []) },
    {
      name: `idle sockets: the same beside ${thousands(idleSockets)}`,
      unit: 'ms',
      ...many,
      work: p99OfSends(idleTokens),
    },
    {
      name: `idle sockets: each of ${thousands(idleSockets)}`,
      unit: 'KB',
      ...many,
      work: (world, tokenOf) => ({ door: 'memory', tokens: idleTokens(world, tokenOf) }),
    },
    {
      name: 'sockets opened and signed in',
      ...sent,
      work: open('storm', ({ listeners }) => listeners),
    },
  ]
}
