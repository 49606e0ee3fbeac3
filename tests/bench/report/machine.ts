// The machine that figures come from.
import { cpus, release, totalmem, type as system } from 'node:os'
import { nodeVersion } from '../peer'
import { syncMicros } from '../slowdisk'

export type Machine = Awaited<ReturnType<typeof machineOf>>

export const machineOf = async (dir: string) => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memory_gb: Math.round(totalmem() / 2 ** 30),
  kernel: `${system()} ${release()}`,
  bun: Bun.version,
  node: nodeVersion() || null,
  file_system: fileSystemOf(dir),
  /** A small write and its sync. */
  sync_us: syncMicros(dir),
})

function fileSystemOf(dir: string): string | null {
  const { exitCode, stdout } = Bun.spawnSync(['df', '--output=fstype,source', dir], { stderr: 'ignore' })
  const [, line] = stdout.toString().trim().split('\n')
  return exitCode === 0 && line ? line.trim().replaceAll(/\s+/g, ' ') : null
}

export const describe = ({
  cpu,
  cores,
  memory_gb,
  kernel,
  bun,
  node,
  file_system,
  sync_us,
}: Machine): string =>
  `${cores} cores of ${cpu}, ${memory_gb} GB, ${kernel}, ${file_system}, a sync takes ${sync_us} µs; ` +
  `Bun ${bun}${node ? `, Node ${node}` : ''}`
