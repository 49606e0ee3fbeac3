// Opens MongoDB: the one client, its guarantees, its indexes, and what a crash left to set right.
import { MongoClient, MongoError, MongoServerError, type Db, type MongoClientOptions } from 'mongodb'
import { batchMeter } from '../../lib/batch'
import type { EpochStore } from '../../messages/epoch.store'
import type { Stores } from '../stores'
import * as admin from './admin'
import * as auth from './auth'
import * as blobs from './blobs'
import * as blocks from './blocks'
import * as chats from './chats'
import { endWritesWithTheirConnection } from './closing'
import { collectionsOf, type Collections } from './collections'
import { mongoDepartures } from './departures'
import { mongoEpoch } from './epoch'
import { doorway } from './failures'
import * as files from './files'
import { heal } from './heal'
import { chatHeads } from './heads'
import * as hidden from './hidden'
import * as invites from './invites'
import * as requests from './joinrequests'
import * as members from './members'
import * as messages from './messages'
import * as push from './push'
import { finishDeletions } from './remains'
import * as saved from './saved'
import * as schedule from './schedule'
import * as search from './search'
import * as users from './users'

const promised: MongoClientOptions = {
  appName: 'natter',
  // What is acknowledged survives the loss of a server and the power of all.
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: 5_000 },
  // Numbers are given after what was read, so reads go where the writes are.
  readPreference: 'primary',
}

/** Each gives way to the same option in the url. */
const usual: MongoClientOptions = {
  retryWrites: true,
  retryReads: true,
  maxPoolSize: 50,
  maxIdleTimeMS: 300_000,
  serverSelectionTimeoutMS: 5_000,
  connectTimeoutMS: 5_000,
  waitQueueTimeoutMS: 5_000,
  socketTimeoutMS: 10_000,
}

/**
 * Connects, declares the indexes, heals what a crash left, and answers the ports.
 * The database is the one in the url's path, or `natter`.
 * A server that cannot be used is an Error with the code `mongodb_unreachable` and the fix in its message.
 */
export async function openMongo(url: string): Promise<Stores> {
  const client = await connect(url)
  const db = client.db(databaseIn(url))
  const collections = collectionsOf(db)
  const heads = chatHeads(collections)
  let epoch: EpochStore
  try {
    await declareIndexes(db, collections)
    await finishDeletions(collections)
    await heal(collections, heads)
    epoch = await mongoEpoch(collections)
  } catch (error) {
    await client.close()
    throw error instanceof MongoError ? unreachable(hostsOf(client), error) : error
  }
  const door = doorway()
  const commits = batchMeter()
  const messageStore = messages.mongoMessages(collections, heads, commits)
  const chatStore = chats.mongoChats(collections, heads, messageStore.settled)
  return {
    engine: 'mongodb',
    commits,
    users: door.guard(users.mongoUsers(collections)),
    auth: door.guard(auth.mongoAuth(collections)),
    blocks: door.guard(blocks.mongoBlocks(collections)),
    chats: door.guard(chatStore),
    invites: door.guard(invites.mongoInvites(collections, chatStore.addMembers)),
    requests: door.guard(requests.mongoJoinRequests(collections, chatStore.addMembers)),
    messages: door.guard(messageStore, ['settled']),
    saved: door.guard(saved.mongoSaved(collections)),
    schedule: door.guard(schedule.mongoSchedule(collections)),
    search: door.guard(search.mongoSearch(collections)),
    files: door.guard(files.mongoFiles(collections)),
    blobs: door.guard(blobs.mongoBlobs(db), ['write', 'written', 'remove']),
    departures: door.guard(mongoDepartures(collections)),
    push: door.guard(push.mongoPush(collections)),
    admin: door.guard(admin.mongoAdmin(collections)),
    epoch: { current: epoch.current, renew: options => door.pass(() => epoch.renew(options)) },
    ping: () => door.pass(async () => void (await db.command({ ping: 1 }))),
    async close() {
      await door.settle()
      heads.stop()
      await client.close()
    },
  }
}

async function connect(url: string): Promise<MongoClient> {
  const client = clientFor(url)
  try {
    return await client.connect()
  } catch (error) {
    await client.close()
    throw unreachable(hostsOf(client), error)
  }
}

function clientFor(url: string): MongoClient {
  endWritesWithTheirConnection()
  try {
    return new MongoClient(url, { ...usualBut(url), ...promised })
  } catch {
    // Without the cause: the parser's own message may repeat the url, and with it the password.
    throw failure('MONGODB_URL is not a MongoDB address. Write it like mongodb://localhost:27017/natter.')
  }
}

function usualBut(url: string): MongoClientOptions {
  const [, query = ''] = url.split('?')
  const given = new Set([...new URLSearchParams(query).keys()].map(name => name.toLowerCase()))
  return Object.fromEntries(Object.entries(usual).filter(([name]) => !given.has(name.toLowerCase())))
}

const databaseIn = (url: string): string => {
  const [, name] = /^mongodb(?:\+srv)?:\/\/[^/?]+\/([^?]+)/.exec(url) ?? []
  return name ? decodeURIComponent(name) : 'natter'
}

const hostsOf = ({ options: { srvHost, hosts } }: MongoClient) =>
  srvHost ?? hosts.map(host => host.toString()).join(', ')

const AUTHENTICATION_FAILED = 18
const UNAUTHORIZED = 13

function unreachable(hosts: string, cause: unknown): Error {
  const code = cause instanceof MongoServerError ? cause.code : undefined
  if (code === AUTHENTICATION_FAILED || code === UNAUTHORIZED) {
    return failure(`MongoDB at ${hosts} refuses the user. Correct user and password in MONGODB_URL.`, cause)
  }
  return failure(
    `MongoDB at ${hosts} cannot be used. Start it, or correct MONGODB_URL; without it SQLite is used.`,
    cause,
  )
}

const failure = (message: string, cause?: unknown) =>
  Object.assign(new Error(message, { cause }), { code: 'mongodb_unreachable' })

async function declareIndexes(db: Db, collections: Collections): Promise<void> {
  await Promise.all([
    collections.users.createIndexes(users.indexes),
    collections.sessions.createIndexes(auth.indexes.sessions),
    collections.tickets.createIndexes(auth.indexes.tickets),
    collections.blocks.createIndexes(blocks.indexes),
    collections.chats.createIndexes(chats.indexes),
    collections.members.createIndexes(members.indexes),
    collections.invites.createIndexes(invites.indexes),
    collections.requests.createIndexes(requests.indexes),
    collections.messages.createIndexes(messages.indexes),
    collections.hidden.createIndexes(hidden.indexes),
    collections.saved.createIndexes(saved.indexes),
    collections.scheduled.createIndexes(schedule.indexes),
    collections.files.createIndexes(files.indexes),
    collections.search.createIndexes(search.indexes),
    blobs.declareBlobIndexes(db),
    collections.push.createIndexes(push.indexes),
    collections.serviceKeys.createIndexes(admin.indexes.keys),
    collections.audit.createIndexes(admin.indexes.audit),
  ])
}
