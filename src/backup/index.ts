// The commands `backup` and `restore`: how they are asked.
import { parseArgs, type ParseArgsConfig } from 'node:util'
import { readConfig, type Config } from '../config'
import { explainAndExit } from '../ops/cli'
import { back, check, putBack, renew } from './acts'

const USAGE = {
  backup: `bun run backup [--to DIR] [--keep N]   copies the store into a new directory natter-<time> in DIR (./backups)
bun run backup --check BACKUP          reads every byte of a backup, and says whether it is sound

Natter may run meanwhile, and people write; all that was acknowledged before is in the copy. A backup holds the
database, the files and the generated secrets, but no settings such as .env. With --keep only the newest N stay.
On the disk of DATA_DIR files get a second name instead of being copied: take the backup to another disk too.`,
  restore: `bun run restore --from BACKUP [--force] [--keep-sign-ins]   puts the store of a backup into DATA_DIR
bun run restore --epoch [--keep-sign-ins]                   after the store was put back by other means

Stop Natter first. With a backup that is not sound nothing is done. --force moves a store that is there aside. Clients
are told to start over. Everybody is signed out, since sign-ins that ended after the backup was made would stand again;
--keep-sign-ins leaves them, for moving to another machine.`,
}

export type Command = keyof typeof USAGE
type Act = (config: Config) => Promise<void>

/** Ends the process where it fails: 2 for a wrong use, else as the error says. */
export async function runCommand(command: Command, argv: string[], version: string): Promise<void> {
  if (argv.includes('--help')) return console.log(USAGE[command])
  const act = command === 'backup' ? backupAsked(argv, version) : restoreAsked(argv)
  if (!act) {
    console.error(USAGE[command])
    process.exit(2)
  }
  await Promise.try(() => act(readConfig())).catch(explainAndExit)
}

const text = { type: 'string' } as const
const flag = { type: 'boolean', default: false } as const

function backupAsked(argv: string[], version: string): Act | null {
  const values = valuesOf(argv, { to: text, keep: text, check: text })
  if (!values) return null
  const { to = 'backups', keep, check: checked } = values
  if (checked !== undefined) return values.to || keep ? null : () => check(checked)
  if (keep !== undefined && !/^[1-9]\d{0,5}$/.test(keep)) return null
  return config => back(config, to, keep === undefined ? null : Number(keep), version)
}

function restoreAsked(argv: string[]): Act | null {
  const values = valuesOf(argv, { from: text, force: flag, epoch: flag, 'keep-sign-ins': flag })
  if (!values) return null
  const { from, force, epoch, 'keep-sign-ins': keepSignIns } = values
  if (epoch) return from !== undefined || force ? null : config => renew(config, keepSignIns)
  return from === undefined ? null : config => putBack(config, from, force, keepSignIns)
}

function valuesOf<const O extends NonNullable<ParseArgsConfig['options']>>(args: string[], options: O) {
  try {
    return parseArgs({ args, options }).values
  } catch {
    return null
  }
}
