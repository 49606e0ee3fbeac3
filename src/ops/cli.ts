// The command line: two flags, how commands are called, and what a start says when it cannot.
import { settingsTable } from '../config'
import { ConfigError } from '../lib/settings'
import { AppError } from '../lib/errors'

/** The executable of `bun run build` has its sources inside, and the commands as its first argument. */
const isExecutable = /^(\/\$bunfs|B:[/\\]~BUN)[/\\]/.test(Bun.main)

/** How a command is called, where this runs. */
export const callOf = (command: 'start' | 'backup' | 'restore'): string => {
  if (isExecutable) return command === 'start' ? 'natter' : `natter ${command}`
  return command === 'start' ? 'bun start' : `bun run ${command}`
}

function help(version: string): string {
  const calls = [
    [callOf('start'), 'starts it with the settings of the environment and of .env'],
    [`${callOf('start')} --help`, 'shows this'],
    [`${callOf('start')} --version`, 'shows the version'],
    [callOf('backup'), 'copies the store while Natter runs; --help tells more'],
    [callOf('restore'), 'puts a copy back; --help tells more'],
    ...(isExecutable ? [] : [['bun run import', 'moves in from an older service; --help tells more']]),
  ]
  const lines = calls.map(([call = '', what]) => `  ${call.padEnd(20)} ${what}`)
  return `Natter ${version}, a chat service.\n\n${lines.join('\n')}\n\n${settingsTable()}`
}

/** Answers `--help` and `--version`, refuses other flags with exit code 2; false when there is none. */
export function answerFlag(flag: string | undefined, version: string): boolean {
  if (flag === undefined) return false
  if (flag === '--help') console.log(help(version))
  else if (flag === '--version') console.log(version)
  else {
    console.error(`Unknown option ${flag}; see --help.`)
    process.exit(2)
  }
  return true
}

const BAD_HOST = new Set(['EINVAL', 'EADDRNOTAVAIL', 'ENOTFOUND', 'ERR_INVALID_ARG_VALUE'])

/** One line that names the setting and the fix. Exit codes of sysexits.h: 78 configuration, 69 unavailable. */
export function explainAndExit(error: unknown): never {
  const { message, code, exitCode } = error as Error & { code?: string; exitCode?: number }
  const isRefused = error instanceof AppError && error.status < 500
  if (isRefused) console.error(`ADMIN_USER, ADMIN_PASS or ADMIN_EMAIL: ${message}`)
  else if (code && BAD_HOST.has(code))
    console.error('HOST is not an address of this machine; try 127.0.0.1 or 0.0.0.0.')
  else if (code === 'EADDRINUSE')
    console.error('PORT is in use by another process; choose another, or 0 for a free one.')
  else console.error(message.split('\n')[0])
  process.exit(error instanceof ConfigError || isRefused ? 78 : (exitCode ?? 69))
}
