// The server under test as a process of its own: its processor time, its memory, and what it complains of.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newHome, start } from '../support/server'

export const ADMIN = { username: 'root', password: 'a long way to Tipperary' }

export type Target = Awaited<ReturnType<typeof startTarget>>

/** Starts as users start it, without limits on sign-ins, and remembers every line that is a warning or worse. */
export async function startTarget() {
  const home = await newHome()
  const settings: Record<string, string> = { ...home }
  const watch = join(home.DATA_DIR as string, 'watch')
  writeFileSync(watch, Buffer.alloc(16))
  const longest = new Float64Array(Bun.mmap(watch).buffer)
  const server = await start({
    ...settings,
    ...(process.platform === 'linux' && {
      BUN_OPTIONS: `--preload=${join(import.meta.dir, 'watch.ts')}`,
      FUZZ_WATCH: watch,
    }),
    ADMIN_USER: ADMIN.username,
    ADMIN_PASS: ADMIN.password,
    RATE_LIMITS: 'off',
    LOG_LEVEL: 'error',
  })
  const { pid } = server.process
  let looked = server.printed().length

  return {
    url: server.url,
    home,
    settings,
    pid,

    /** Null while it runs. */
    exitCode: () => server.process.exitCode,

    /** Milliseconds of processor time that the longest turn of its loop took since the last call. Linux only: 0 elsewhere. */
    longestTurn(): number {
      const [ms = 0] = longest
      longest[0] = 0
      return ms
    },

    /** Megabytes that it holds. Linux only: 0 elsewhere. */
    memory: (): number => Number(/VmRSS:\s+(\d+)/.exec(readOr(`/proc/${pid}/status`, ''))?.[1] ?? 0) / 1024,

    /** Lines of its log since the last look: it logs errors only. */
    complaints(): string[] {
      const text = server.printed()
      if (text.length === looked) return []
      const lines = text.slice(looked).split('\n')
      looked = text.length
      return lines.filter(line => line.startsWith('{') || line.includes('rror'))
    },

    /** Ends it, and resolves with its exit code. */
    async stop(): Promise<number> {
      server.process.kill()
      return server.process.exited
    },
  }
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return otherwise
  }
}
