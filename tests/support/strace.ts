// strace beside a process: to see its system calls, or to make some of them fail for a while.
import { which } from 'bun'
import { readFile } from 'node:fs/promises'

export const straceMissing = (): string | null =>
  process.platform === 'linux' && which('strace') ? null : 'needs strace (apt-get install strace)'

/** Attaches to all threads; resolves once it is in effect. The answer ends it, and resolves once it has. */
async function attach(pid: number, args: string[]): Promise<() => Promise<void>> {
  const command = ['strace', '-f', '-p', String(pid), ...args]
  const child = Bun.spawn(command, { stdin: 'ignore', stdout: 'ignore', stderr: 'pipe' })
  let said = ''
  const { promise: attached, resolve, reject } = Promise.withResolvers<void>()
  const read = (async () => {
    for await (const chunk of child.stderr) {
      said += new TextDecoder().decode(chunk)
      if (said.includes('attached')) resolve()
    }
    reject(new Error(`strace: ${said.slice(0, 300)}`))
  })()
  await attached
  return async () => {
    child.kill('SIGINT')
    await child.exited
    await read
  }
}

/** These calls fail with this error until the answer is called. */
export const failing = (pid: number, calls: string, error: 'EIO' | 'ENOSPC') =>
  attach(pid, ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=${error}`, '-o', '/dev/null'])

/** What a process does with files and sockets, line by line, in the order of the calls. */
export async function traced(pid: number, file: string) {
  const calls = 'trace=pwrite64,fsync,fdatasync,sendto,sendmsg,write,writev,rename,renameat,renameat2'
  const end = await attach(pid, ['-y', '-s', '16384', '-e', calls, '-o', file])
  return async () => {
    await end()
    return joined((await readFile(file, 'latin1')).split('\n'))
  }
}

/** A call that others interrupt is told in two lines: here it is one as soon as it ends, and what it begins with before. */
function joined(lines: string[]): string[] {
  const begun = new Map<string, string>()
  return lines.map(line => {
    const thread = line.split(' ', 1)[0] as string
    const [start, isCut] = line.split(' <unfinished ...>')
    if (isCut !== undefined) begun.set(thread, start as string)
    const [, end] = /<\.\.\. \w+ resumed>(.*)$/.exec(line) ?? []
    return end === undefined ? line : `${begun.get(thread) ?? ''}${end}`
  })
}
