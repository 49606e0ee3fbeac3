// What the commands do, and what they say of it.
import { setPriority } from 'node:os'
import { basename } from 'node:path'
import type { Config } from '../config'
import { callOf } from '../ops/cli'
import { openStorage } from '../storage'
import { checkBackup } from './checking'
import type { Manifest } from './contents'
import { explainDisk, Failure } from './failure'
import { makeBackup, mustHoldStore } from './making'
import { restoreBackup } from './restoring'

/** The lowest: the server goes first. */
const NICEST = 19
const MAX_LINES = 20

export async function back(
  { DATA_DIR, MONGODB_URL }: Config,
  to: string,
  keep: number | null,
  version: string,
) {
  if (MONGODB_URL)
    throw new Failure(
      `MongoDB has tools for this: mongodump --oplog (replica set), and after mongorestore --oplogReplay: ${callOf('restore')} --epoch.`,
      69,
    )
  setPriority(NICEST)
  const began = performance.now()
  const { path, manifest, added, removed } = await makeBackup({
    dataDir: DATA_DIR,
    to,
    keep,
    version,
  }).catch(error => {
    throw explainDisk(error, to)
  })
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(`Copied to ${path}: ${wordsOf(manifest)} (${added} new here), in ${seconds} s.`)
  for (const name of removed) console.log(`Removed ${name}.`)
  if (manifest.lost.length > 0)
    say(`The store itself has lost ${manifest.lost.length} files that messages show:`, manifest.lost)
}

export async function check(dir: string) {
  setPriority(NICEST)
  const { manifest, problems } = await checkBackup(dir)
  if (problems.length > 0) {
    say(`${dir} is not sound:`, problems)
    throw new Failure('Nothing should be restored from it.', 65)
  }
  console.log(`${dir} is sound: of ${manifest?.made_at}, ${wordsOf(manifest as Manifest)}.`)
}

export async function putBack(
  { DATA_DIR, MONGODB_URL }: Config,
  from: string,
  force: boolean,
  keepSignIns: boolean,
) {
  if (MONGODB_URL)
    throw new Failure(
      `A backup goes into DATA_DIR; with MONGODB_URL use mongorestore, then ${callOf('restore')} --epoch.`,
      69,
    )
  const order = { from, dataDir: DATA_DIR, force, keepSignIns }
  const { manifest, ended, aside } = await restoreBackup(order).catch(error => {
    throw explainDisk(error, DATA_DIR)
  })
  console.log(`Put back into ${DATA_DIR}: ${basename(from)}, ${wordsOf(manifest)}.`)
  if (aside) console.log(`What was there is in ${aside}; remove it when it is needed no more.`)
  sayOfSignIns(ended, keepSignIns)
  console.log(
    `All else is as it was at ${manifest.made_at}: end again what has ended since (accounts, service keys, links).`,
  )
}

/** For a store that was put back by other means, of either engine. */
export async function renew({ DATA_DIR, MONGODB_URL }: Config, keepSignIns: boolean) {
  if (!MONGODB_URL) await mustHoldStore(DATA_DIR)
  const stores = await openStorage(DATA_DIR, MONGODB_URL)
  try {
    sayOfSignIns(await stores.epoch.renew({ keepSignIns }), keepSignIns)
  } finally {
    await stores.close()
  }
}

function sayOfSignIns(ended: number, keepSignIns: boolean) {
  const signIns = keepSignIns ? 'Sign-ins stand.' : `Everybody is signed out (${ended} sessions).`
  console.log(`Clients are told to start over. ${signIns}`)
}

const wordsOf = ({ counts: { people, chats, messages, files } }: Manifest) =>
  `${people} people, ${chats} chats, ${messages} messages, ${files} files`

function say(heading: string, lines: string[]) {
  const more = lines.length > MAX_LINES ? [`… and ${lines.length - MAX_LINES} more`] : []
  console.error([heading, ...lines.slice(0, MAX_LINES), ...more].join('\n  '))
}
