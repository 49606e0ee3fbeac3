// A process that restores a backup and is killed before its nth change of names: `cut.ts <n> <data dir> <backup>`.
import { createRequire } from 'node:module'

const [, , n, dataDir = '', from = ''] = process.argv
// The module itself, before others import from it.
const fs = createRequire(import.meta.url)('node:fs')
let left = Number(n)

for (const name of ['renameSync', 'rmSync', 'mkdirSync']) {
  const real = fs[name]
  fs[name] = (...args: unknown[]) => {
    if (--left === 0) process.kill(process.pid, 'SIGKILL')
    return real(...args)
  }
}

const { restoreBackup } = await import('../../src/backup/restoring')
await restoreBackup({ from, dataDir, force: true, keepSignIns: false })
