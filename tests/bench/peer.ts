// The peer's packages: installed at the first run, outside of what the project itself depends on.
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { peerFolder } from './world/others'

const OLDEST_NODE = 20

/** Null: the peer can run; else why not. */
export function peerMissing(): string | null {
  const [node, npm] = [Bun.which('node'), Bun.which('npm')]
  if (node === null || npm === null) return 'node and npm are not here'
  const version = nodeVersion()
  if (!(Number.parseInt(version) >= OLDEST_NODE)) return `node ${version} is older than ${OLDEST_NODE}`
  if (loads()) return null
  console.error('installs the packages of the peer (once; compiling may take two minutes)')
  const installed = Bun.spawnSync([npm, 'install', '--no-package-lock', '--no-audit', '--no-fund'], {
    cwd: peerFolder,
    env: { ...process.env, ...headersOf(node) },
  })
  if (loads()) return null
  const said = installed.stderr.toString().trim().split('\n')
  return `its packages could not be installed: ${said.find(line => line.includes('ERR')) ?? said.at(-1)}`
}

export const nodeVersion = (): string =>
  Bun.which('node') ? Bun.spawnSync(['node', '-p', 'process.versions.node']).stdout.toString().trim() : ''

/** Its native part, too. */
function loads(): boolean {
  const script =
    "await import('better-sqlite3').then(({ default: D }) => new D(':memory:')); await import('socket.io')"
  const { exitCode } = Bun.spawnSync(['node', '--input-type=module', '-e', script], { cwd: peerFolder })
  return exitCode === 0
}

/** Node's own headers, where they lie beside it: compiling then needs no download. */
function headersOf(node: string): Record<string, string> {
  const prefix = dirname(dirname(realpathSync(node)))
  return existsSync(join(prefix, 'include/node/node.h')) ? { npm_config_nodedir: prefix } : {}
}
