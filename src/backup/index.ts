// The commands `backup` and `restore`: how they are asked.
import { parseArgs } from 'node:util'
import { readConfig, type Config } from '../config'
import { callOf, explainAndExit } from '../ops/cli'
import { back, check, putBack, renew } from './acts'

const USAGE = {
  backup: `${callOf('backup')} [--to DIR] [--keep N]   copies the store into a new directory natter-<time> in DIR (./backups)
${callOf('backup')} --check BACKUP          reads every byte of a backup, and says whether it is sound

Natter may run meanwhile, and people write; all that was acknowledged before is in the copy. A backup holds the
database, the files and the generated secrets, but no settings such as .env. With --keep only the newest N stay.
On the disk of DATA_DIR files get a second name instead of being copied: take the backup to another disk too.`,
  restore: `${callOf('restore')} --from BACKUP [--force] [--keep-sign-ins]   puts the store of a backup into DATA_DIR
${callOf('restore')} --epoch [--keep-sign-ins]                   after the store was put back by other means

Stop Natter first. With a backup that is not sound nothing is done. --force moves a store that is there aside. Clients
are told to start over. Everybody is signed out, since sign-ins that ended after the backup was made would stand again;
--keep-sign-ins leaves them, for moving to another machine.`,
}

export type Command = keyof typeof USAGE
type Act = (config: Config) => Promise<void>

/** Ends the process where it fails: 2 for a wrong use, else as the error says. */
export async function runCommand(command: Command, argv: string[], version: string): Promise<void> {
  if (argv.includes('--help')) return console.log(USAGE[command])
  const act = actOf(command, argv, version)
  await Promise.try(() => act(readConfig())).catch(explainAndExit)
}

/** What is meant; one line that says what is wrong, and then how it is used, where nothing can be. */
function actOf(command: Command, argv: string[], version: string): Act {
  try {
    return command === 'backup' ? backupAsked(argv, version) : restoreAsked(argv)
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE[command]}`)
    process.exit(2)
  }
}

const text = { type: 'string' } as const
const flag = { type: 'boolean', default: false } as const

const wrong = (what: string): never => {
  throw new Error(what)
}

function backupAsked(args: string[], version: string): Act {
  const { values } = parseArgs({ args, options: { to: text, keep: text, check: text } })
  const { to = 'backups', keep, check: checked } = values
  if (checked !== undefined)
    return values.to || keep ? wrong('--check goes alone: it copies nothing.') : () => check(checked)
  if (keep !== undefined && !/^[1-9]\d{0,5}$/.test(keep)) wrong('--keep must be a whole number from 1 on.')
  return config => back(config, to, keep === undefined ? null : Number(keep), version)
}

function restoreAsked(args: string[]): Act {
  const options = { from: text, force: flag, epoch: flag, 'keep-sign-ins': flag }
  const { from, force, epoch, 'keep-sign-ins': keepSignIns } = parseArgs({ args, options }).values
  if (epoch && (from !== undefined || force))
    wrong('--epoch goes without --from and --force: it puts nothing back.')
  if (epoch) return config => renew(config, keepSignIns)
  if (from === undefined) return wrong('Say which backup: --from BACKUP.')
  return config => putBack(config, from, force, keepSignIns)
}
