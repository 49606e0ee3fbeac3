// The stores of a run: filled once, and copied for it.
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Name } from '../sides'
import { fillNatter } from './natter'
import { fillPeer, fillRaw } from './others'
import type { World } from './plan'
import { writeWorld } from './write'

/** Raised when what is filled in changes: older stores are then of no use. */
const FORM = 2

/** Answers the directory with one store per side, made in `parent` unless an earlier run has left it there. */
export async function filledStores(parent: string, messages: number, world: World, names: Name[]) {
  const dir = join(parent, `natter-bench-filled-${FORM}-${messages}`)
  mkdirSync(dir, { recursive: true })
  const worldFile = join(dir, 'world.db')
  await once(worldFile, file => writeWorld(file, world))
  const fillings: Record<Name, (into: string) => unknown> = {
    raw: into => fillRaw(join(into, 'raw.db'), worldFile),
    natter: into => fillNatter(into, worldFile, world),
    peer: into => fillPeer(join(into, 'peer.db'), worldFile),
  }
  for (const name of names) {
    await once(join(dir, name), async into => {
      mkdirSync(into, { mode: 0o700 })
      await fillings[name](into)
    })
  }
  return dir
}

/** What was begun and not finished is thrown away. */
async function once(path: string, make: (path: string) => Promise<unknown>) {
  if (existsSync(path)) return
  const begun = `${path}.begun`
  rmSync(begun, { recursive: true, force: true })
  console.error(`fills ${path}`)
  await make(begun)
  renameSync(begun, path)
}

export const copyOf = (filled: string, name: Name, into: string) =>
  cpSync(join(filled, name), into, { recursive: true })
