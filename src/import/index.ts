// `bun run import`: moves in from one of the five older services.
import { parseArgs } from 'node:util'
import { readConfig } from '../config'
import { explainAndExit } from '../ops/cli'
import { openStorage } from '../storage'
import { openOldDatabase } from '../storage/mongo/olddatabase'
import { carryOver } from './carry'
import { createProgress } from './report'
import type { Source } from './source'
import { aws } from './sources/aws'
import { chatnest } from './sources/chatnest'
import { messaging } from './sources/messaging'
import { react } from './sources/react'
import { whatsapp } from './sources/whatsapp'

/** How each keeps things, and the database it used by itself. */
const SOURCES: Record<string, { source: Source; database: string }> = {
  aws: { source: aws, database: 'chatty_chat' },
  messaging: { source: messaging, database: 'messaging' },
  chatnest: { source: chatnest, database: 'chatnest' },
  whatsapp: { source: whatsapp, database: 'whatsapp_clone' },
  react: { source: react, database: 'chatdb' },
}

const USAGE = `bun run import --from <${Object.keys(SOURCES).join('|')}> --mongodb-url <address>

Reads the older service's MongoDB, changes nothing there, and carries people, chats and messages over into the store
that Natter's own settings name (DATA_DIR, or MONGODB_URL). Stop Natter first. It can be stopped and run again.`

function argumentsOf(argv: string[]): { from: string; url: string } {
  const options = { from: { type: 'string' }, 'mongodb-url': { type: 'string' } } as const
  const { values } = parseArgs({ args: argv, options })
  const { from = '', 'mongodb-url': url = '' } = values
  if (!(from in SOURCES) || !/^mongodb(\+srv)?:\/\//.test(url)) throw new Error(USAGE)
  return { from, url }
}

async function run(from: string, url: string) {
  const { source, database } = SOURCES[from] as (typeof SOURCES)[string]
  const config = readConfig()
  const db = await openOldDatabase(url, database)
  const stores = await openStorage(config.DATA_DIR, config.MONGODB_URL)
  let stopped = false
  process.once('SIGINT', () => (stopped = true))
  process.once('SIGTERM', () => (stopped = true))
  const progress = createProgress(await source.size(db))
  const report = await carryOver(from, source, db, stores, {
    onProgress: done => progress.show(done),
    isStopped: () => stopped,
  })
  progress.end(report.counts.messages + report.counts.repeated)
  await Promise.all([stores.close(), db.close()])
  console.log(String(report))
  if (stopped) console.log('Stopped before the end: run the same again to go on.')
  process.exit(stopped ? 130 : 0)
}

if (process.argv.includes('--help')) {
  console.log(USAGE)
  process.exit(0)
}
try {
  const { from, url } = argumentsOf(process.argv.slice(2))
  await run(from, url).catch(explainAndExit)
} catch (error) {
  console.error((error as Error).message)
  process.exit(2)
}
