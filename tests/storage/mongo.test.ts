// The contract suites on MongoDB, and what only MongoDB must prove.
import { describe } from 'bun:test'
import { openMongo } from '../../src/storage/mongo/open'
import { freshDatabase, mongoForTests } from '../support/mongo'
import { adminContract } from './contract/admin'
import { authContract } from './contract/auth'
import { blobsContract } from './contract/blobs'
import { blocksContract } from './contract/blocks'
import { changesContract } from './contract/changes'
import { chatsContract } from './contract/chats'
import { epochContract } from './contract/epoch'
import { leavingContract } from './contract/leaving'
import { joiningContract } from './contract/joining'
import { filesContract } from './contract/files'
import { mentionsContract } from './contract/mentions'
import { messagesContract } from './contract/messages'
import { mineContract } from './contract/mine'
import { pushContract } from './contract/push'
import { savedContract } from './contract/saved'
import { scheduleContract } from './contract/schedule'
import { searchContract } from './contract/search'
import { threadsContract } from './contract/threads'
import { usersContract } from './contract/users'
import { mongoBlobs } from './mongo/blobs'
import { mongoChanges } from './mongo/changes'
import { mongoFailures } from './mongo/failures'
import { mongoMine } from './mongo/mine'
import { mongoNodes } from './mongo/nodes'
import { mongoPush } from './mongo/push'
import { mongoRequests } from './mongo/requests'
import { mongoSearch } from './mongo/search'
import { mongoTrips } from './mongo/trips'

const server = await mongoForTests()
const freshUrl = () => freshDatabase('url' in server ? server.url : '')
const open = () => openMongo(freshUrl())

describe.skipIf('skip' in server)('skip' in server ? `MongoDB (skipped: ${server.skip})` : 'MongoDB', () => {
  usersContract(open)
  authContract(open)
  blocksContract(open)
  chatsContract(open)
  joiningContract(open)
  messagesContract(open)
  changesContract(open)
  threadsContract(open)
  mentionsContract(open)
  mineContract(open)
  savedContract(open)
  scheduleContract(open)
  searchContract(open)
  filesContract(open)
  blobsContract(open)
  leavingContract(open)
  pushContract(open)
  adminContract(open)
  epochContract(open)
  mongoNodes(freshUrl)
  mongoBlobs(freshUrl)
  mongoSearch(freshUrl)
  mongoChanges(freshUrl)
  mongoMine(freshUrl)
  mongoTrips(freshUrl)
  mongoRequests(freshUrl)
  mongoPush(freshUrl)
})

mongoFailures()
