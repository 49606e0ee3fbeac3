// Builds what makes the disk slow, and tells what a sync costs.
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { median } from './numbers'

/** The environment of a server with 1 ms more per sync; or why that cannot be had here. */
export function slowDiskIn(dir: string): Record<string, string> | string {
  if (process.platform !== 'linux') return 'LD_PRELOAD is of Linux'
  const compiler = Bun.which('gcc') ?? Bun.which('cc')
  if (compiler === null) return 'no C compiler is here'
  const library = join(dir, 'slowdisk.so')
  const source = join(import.meta.dir, 'slowdisk.c')
  const { exitCode, stderr } = Bun.spawnSync([compiler, '-shared', '-fPIC', '-o', library, source, '-ldl'])
  return exitCode === 0
    ? { LD_PRELOAD: library }
    : `the C compiler failed: ${stderr.toString().split('\n')[0]}`
}

/** What a small write and its sync take in this directory, in µs. */
export function syncMicros(dir: string): number {
  const file = join(dir, 'sync')
  const fd = openSync(file, 'w')
  const page = Buffer.alloc(4096, 1)
  const times = Array.from({ length: 100 }, () => {
    const began = Bun.nanoseconds()
    writeSync(fd, page)
    fdatasyncSync(fd)
    return (Bun.nanoseconds() - began) / 1000
  })
  closeSync(fd)
  rmSync(file)
  return Math.round(median(times))
}
