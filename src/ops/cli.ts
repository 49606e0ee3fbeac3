// The command line: two flags and two commands, and what a start says when it cannot.
import { ConfigError, settingsTable } from '../config'
import { AppError } from '../lib/errors'

const help = (version: string) => `Natter ${version}, a chat service.

  bun start              starts it with the settings of the environment and of .env
  bun start --help       shows this
  bun start --version    shows the version

  bun run backup         copies the store while Natter runs; bun run backup --help tells more
  bun run restore        puts it back; bun run restore --help tells more

${settingsTable()}`

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
