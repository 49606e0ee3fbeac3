// Things that cases speak of before they are known: "a message of the chat that this case is about".
import type { World } from './world'

export type Kind =
  | 'chat'
  | 'message'
  | 'user'
  | 'member'
  | 'username'
  | 'name or id'
  | 'email'
  | 'file'
  | 'picture'
  | 'code'
  | 'session'
  | 'scheduled'
  | 'subscription'
  | 'key'
  | 'cursor'
  | 'ticket'
  | 'refresh'
  | 'new name'
  | 'new email'
  | 'time'
  | 'seq'

/** Stands for one of a kind; found when the case is run, so that a case can be generated and shrunk without a server. */
export class Ref {
  constructor(
    readonly kind: Kind,
    readonly n: number,
  ) {}

  toString() {
    return `<${this.kind} ${this.n}>`
  }
}

/** A value with every reference replaced by what it stands for in the chat that the case is about. */
export function resolve(value: unknown, world: World, focus: number): unknown {
  if (value instanceof Ref) return world.find(value.kind, value.n, focus)
  if (Array.isArray(value)) return value.map(item => resolve(item, world, focus))
  if (value === null || typeof value !== 'object') return value
  // Not by assignment, which for `__proto__` would change the object instead of giving it a field.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, world, focus)]))
}
