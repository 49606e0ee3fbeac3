// The processes of a run: servers that print where they listen, and the client.
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Job, Outcome } from './jobs'

export interface Running {
  url: string
  pid: number
  /** Out of the way while another one is measured: it does not even finish what it has left to do. */
  pause(): void
  resume(): void
  stop(): Promise<void>
}

const PATIENCE_MS = 20_000
const STOPPING_MS = 5_000
/** Opening tens of thousands of sockets takes the slowest side a minute. */
const CLIENT_PATIENCE_MS = 180_000
const here = (file: string) => join(import.meta.dir, file)

/**
 * Starts a server with nothing of this environment but what is given, in `dir`, where no `.env` of the
 * project is found. Its output goes to a file, as a service's does; the first address in it is the server's.
 */
export async function startServer(
  script: string,
  args: string[],
  env: Record<string, string>,
  dir: string,
  runtime: string = process.execPath,
): Promise<Running> {
  const output = join(dir, 'output.log')
  const file = openSync(output, 'w')
  const child = Bun.spawn([runtime, here(script), ...args], {
    cwd: dir,
    env: { PATH: process.env.PATH, HOME: dir, NODE_ENV: 'production', ...env },
    stdin: 'ignore',
    stdout: file,
    stderr: 'inherit',
  })
  closeSync(file)
  const kill = () => child.kill('SIGKILL')
  process.on('exit', kill)
  const url = await addressIn(output, () => child.exitCode !== null)

  async function stop() {
    child.kill('SIGCONT')
    child.kill()
    await Promise.race([child.exited, Bun.sleep(STOPPING_MS)])
    kill()
    await child.exited
    process.off('exit', kill)
  }
  return {
    url,
    pid: child.pid,
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    stop,
  }
}

async function addressIn(output: string, hasEnded: () => boolean): Promise<string> {
  const deadline = performance.now() + PATIENCE_MS
  while (performance.now() < deadline && !hasEnded()) {
    const [url] = /http:\/\/\S+:\d+/.exec(await readFile(output, 'utf8')) ?? []
    if (url) return url
    await Bun.sleep(5)
  }
  throw new Error(`The server did not start: ${await readFile(output, 'utf8')}`)
}

/** Lets a client process of its own do the job. */
export async function runClient(job: Job): Promise<Outcome> {
  const client = Bun.spawn([process.execPath, here('client.ts')], {
    stdin: new Blob([JSON.stringify(job)]),
    stdout: 'pipe',
    stderr: 'inherit',
    timeout: CLIENT_PATIENCE_MS,
  })
  const said = await new Response(client.stdout).text()
  if ((await client.exited) !== 0) throw new Error('The client failed; see above.')
  return JSON.parse(said)
}
