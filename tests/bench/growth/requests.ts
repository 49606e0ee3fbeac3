// Every request whose cost could follow the size of the store, and what it asks for in a small and a large one.
import {
  afterLists,
  ANN,
  BOB,
  CARL,
  chatOfCarl,
  CROWD,
  CROWD_NO,
  DORA,
  LONG,
  LONG_NO,
  messageId,
  WORDS,
  chatOfDora,
} from './seed'
import { AWAY_CHATS, type Size } from './sizes'

export interface Asked {
  method?: string
  path: string
  json?: object
}

export interface Request {
  name: string
  /** Against what its cost is held. */
  against: string
  as: string
  /** The request for the nth time. */
  ask(size: Size, nth: number, cursors: Cursors): Asked
  /** The list whose page is asked for, somewhere in its middle. */
  into?: (size: Size) => string
}

/** A cursor within each list that is asked for. */
export type Cursors = Map<string, string>

const get = (path: string): Asked => ({ path })
const inLong = `/chats/${LONG}/messages`
const inCrowd = `/chats/${CROWD}/messages`
const list = (name: string, against: string, as: string, path: string): Request[] => [
  { name, against, as, ask: () => get(path) },
  {
    name: `${name}, a later page`,
    against,
    as,
    into: () => path,
    ask: (_, __, cursors) => get(`${path}${path.includes('?') ? '&' : '?'}cursor=${cursors.get(path)}`),
  },
]

/** A plain message of Ann's behind everything that is in a list. */
const changed = (size: Size, more: number) => messageId(LONG_NO, afterLists(size) + 1 + more)

const react = (size: Size, nth: number): Asked => ({
  method: nth % 2 ? 'DELETE' : 'PUT',
  path: `${inLong}/${changed(size, 440)}/reactions/${encodeURIComponent('👍')}`,
})

export const requests: Request[] = [
  {
    name: 'send into a long chat',
    against: 'messages',
    as: ANN,
    ask: (_, nth) => ({ method: 'POST', path: inLong, json: { content: `Again ${nth}` } }),
  },
  {
    name: 'send into a group, nobody online',
    against: 'members',
    as: BOB,
    ask: (_, nth) => ({ method: 'POST', path: inCrowd, json: { content: `Again ${nth}` } }),
  },
  { name: 'history, newest page', against: 'messages', as: ANN, ask: () => get(`${inLong}?limit=50`) },
  {
    name: 'history, around the middle',
    against: 'messages',
    as: ANN,
    ask: ({ messages }) => get(`${inLong}?limit=50&around=${messages / 2}`),
  },
  {
    name: 'history, before the middle',
    against: 'messages',
    as: ANN,
    ask: ({ messages }) => get(`${inLong}?limit=50&before=${messages / 2}`),
  },
  {
    name: 'history, oldest page',
    against: 'messages',
    as: ANN,
    ask: () => get(`${inLong}?limit=50&after=0`),
  },
  {
    name: 'one message',
    against: 'messages',
    as: ANN,
    ask: size => get(`${inLong}/${changed(size, 0)}`),
  },
  {
    name: 'changes, newest page',
    against: 'messages',
    as: ANN,
    ask: ({ messages }) => get(`/chats/${LONG}/changes?since=${messages - 100}&limit=50`),
  },
  { name: 'chat list', against: 'chats of mine', as: CARL, ask: () => get('/chats') },
  ...list('chat list by tens', 'chats of mine', CARL, '/chats?limit=10').slice(1),
  { name: 'open a chat', against: 'members', as: ANN, ask: () => get(`/chats/${CROWD}`) },
  {
    name: 'open one of many chats',
    against: 'chats of mine',
    as: CARL,
    ask: () => get(`/chats/${chatOfCarl(7)}`),
  },
  {
    name: 'mark as read, the newest',
    against: 'members and messages',
    as: BOB,
    ask: ({ messages }, nth) => read(CROWD, messages / 10 - (nth % 2)),
  },
  {
    name: 'mark as read, some way behind',
    against: 'messages',
    as: BOB,
    ask: ({ messages }, nth) => read(LONG, messages - 20 + (nth % 10)),
  },
  {
    name: 'who has read a message',
    against: 'members',
    as: ANN,
    ask: () => get(`${inCrowd}/${messageId(CROWD_NO, 50)}/receipts?limit=4`),
  },
  ...list('members', 'members', ANN, `/chats/${CROWD}/members?limit=2`),
  {
    name: 'members by name',
    against: 'members',
    as: ANN,
    ask: () => get(`/chats/${CROWD}/members?limit=4&q=person`),
  },
  {
    name: 'members by a rare name',
    against: 'members',
    as: ANN,
    ask: ({ members }) => get(`/chats/${CROWD}/members?limit=4&q=person${members}`),
  },
  { name: 'edit', against: 'messages', as: ANN, ask: (size, nth) => edit(size, nth) },
  { name: 'react', against: 'messages', as: ANN, ask: (size, nth) => react(size, nth) },
  { name: 'pin', against: 'messages', as: ANN, ask: (size, nth) => pin(size, nth) },
  { name: 'pins', against: 'messages', as: ANN, ask: () => get(`/chats/${LONG}/pins`) },
  {
    name: 'thread',
    against: 'replies',
    as: ANN,
    ask: () => get(`${inLong}/${messageId(LONG_NO, 1)}/thread?limit=50`),
  },
  {
    name: 'reply in a long thread',
    against: 'replies',
    as: ANN,
    ask: (_, nth) => ({
      method: 'POST',
      path: inLong,
      json: { content: `Reply ${nth}`, reply_to: messageId(LONG_NO, 1) },
    }),
  },
  ...list('files of a chat', 'files', ANN, `/chats/${LONG}/files?limit=20`),
  ...list('my files', 'files', ANN, '/files?limit=20'),
  ...list('saved messages', 'saved messages', ANN, '/users/me/saved?limit=20'),
  ...list('mentions', 'mentions', ANN, '/users/me/mentions?limit=20'),
  {
    name: 'search, a common word',
    against: 'messages of mine',
    as: ANN,
    ask: () => get(`/messages/search?limit=20&q=${WORDS.common}`),
  },
  {
    name: 'search, a word in one of a thousand',
    against: 'messages of mine',
    as: ANN,
    ask: () => get(`/messages/search?limit=1&q=${WORDS.usual}`),
  },
  {
    name: 'search, a word in one of a hundred',
    against: 'messages of mine',
    as: ANN,
    ask: () => get(`/messages/search?limit=10&q=${WORDS.frequent}`),
  },
  {
    name: 'search, a rare word',
    against: 'messages of mine',
    as: ANN,
    ask: () => get(`/messages/search?limit=20&q=${WORDS.rare}`),
  },
  {
    name: 'search, a common word and a sender',
    against: 'messages of mine',
    as: ANN,
    ask: () => get(`/messages/search?limit=20&q=${WORDS.common}&from=${BOB}`),
  },
  {
    name: 'search in many chats, a common word',
    against: 'chats of mine',
    as: CARL,
    ask: () => get(`/messages/search?limit=20&q=${WORDS.common}`),
  },
  {
    name: 'search in many chats, a rare word',
    against: 'chats of mine',
    as: CARL,
    ask: () => get(`/messages/search?limit=20&q=v50`),
  },
  ...list('people', 'people', ANN, '/users?limit=20'),
  ...list('people by name', 'people', ANN, '/users?limit=20&q=person'),
  {
    name: 'people by a rare name',
    against: 'people',
    as: ANN,
    ask: ({ users }) => get(`/users?limit=20&q=person${users}`),
  },
  {
    name: 'a person, with presence',
    against: 'chats of mine',
    as: CARL,
    ask: () => get(`/users/${DORA}`),
  },
  {
    name: 'a person in my chats, with presence',
    against: 'chats of mine',
    as: CARL,
    ask: () => get(`/users/${messageOther}`),
  },
  { name: 'scheduled messages', against: 'messages', as: ANN, ask: () => get('/users/me/scheduled') },
  { name: 'who I am', against: 'everything', as: CARL, ask: () => get('/auth/me') },
  { name: 'setting of a chat', against: 'chats of mine', as: CARL, ask: (_, nth) => mute(nth) },
]

const messageOther = DORA.slice(0, -1) + '5'
const read = (chat: string, seq: number): Asked => ({
  method: 'POST',
  path: `/chats/${chat}/read`,
  json: { seq },
})
const edit = (size: Size, nth: number): Asked => ({
  method: 'PATCH',
  path: `${inLong}/${changed(size, 2 * (nth % 200))}`,
  json: { content: `Better ${nth}` },
})
const pin = (size: Size, nth: number): Asked => ({
  method: nth % 2 ? 'DELETE' : 'PUT',
  path: `${inLong}/${changed(size, 480)}/pin`,
})
const mute = (nth: number): Asked => ({
  method: 'PATCH',
  path: `/chats/${chatOfCarl(3)}/settings`,
  json: { pinned: nth % 2 === 0 },
})

/** What Dora's device knew before it was away: to be asked over a socket. */
export const knownByDora = () =>
  Object.fromEntries(Array.from({ length: AWAY_CHATS }, (_, i) => [chatOfDora(i), 200]))
