// People of an older service become accounts: under names that are free here, and with the passwords they had.
import { nowIso } from '../lib/schema'
import { EMAIL_PATTERN } from '../users/model'
import { isUsername } from '../users/names'
import { newUser } from '../users/newuser'
import type { UserRecord, UserStore } from '../users/store'
import { idFor } from './ids'
import type { Report } from './report'
import type { OldPerson } from './source'

const BCRYPT = /^\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}$/
const HTTPS = /^https:\/\/[^\s"<>]{1,2000}$/
const emailPattern = new RegExp(EMAIL_PATTERN)

export type People = ReturnType<typeof createPeople>

export function createPeople(store: UserStore, from: string, report: Report) {
  /** By key and alias of the old service: the id here. */
  const ids = new Map<string, string>()

  async function carry(old: OldPerson) {
    const id = idFor(old.created_at ?? new Date(0), from, 'user', old.key)
    for (const name of [old.key, ...old.aliases]) if (name !== '' && !ids.has(name)) ids.set(name, id)
    if (await store.byId(id)) return
    await insert(toRecord(id, old), old.key)
    report.counts.people++
  }

  /** A name or an email that somebody has here already gives way, and that is told. */
  async function insert(user: UserRecord, key: string): Promise<void> {
    const taken = await store.insert(user)
    if (taken === null) return
    if (taken === 'email') {
      report.leaveOut('email that somebody has here already', key)
      return insert({ ...user, email: null }, key)
    }
    report.leaveOut('username that somebody has here already: a number was added', key)
    return insert({ ...user, username: `${user.username.slice(0, 24)}_${user.id.slice(-6)}` }, key)
  }

  function toRecord(id: string, old: OldPerson): UserRecord {
    const at = old.created_at?.toISOString() ?? nowIso()
    const named = {
      username: usernameOf(old),
      email: emailOf(old),
      full_name: shortened(old.full_name, 100),
      password_hash: passwordOf(old),
    }
    return {
      ...newUser(named),
      id,
      avatar: avatarOf(old),
      bio: shortened(old.bio, 500),
      status: shortened(old.status, 140),
      gender: old.gender,
      timezone: old.timezone,
      created_at: at,
      updated_at: at,
    }
  }

  function usernameOf({ username, email, full_name, key }: OldPerson): string {
    const wanted = username ?? email?.split('@')[0] ?? full_name ?? key
    const fitting = toUsername(wanted)
    if (username !== null && fitting !== username)
      report.leaveOut('username that cannot be one here: changed', key)
    return fitting
  }

  function emailOf({ email, key }: OldPerson): string | null {
    if (email === null || (email.length <= 254 && emailPattern.test(email))) return email
    report.leaveOut('email that is none', key)
    return null
  }

  function avatarOf({ avatar, key }: OldPerson): string | null {
    if (avatar === null || HTTPS.test(avatar)) return avatar
    report.leaveOut('picture that is no https address', key)
    return null
  }

  function passwordOf({ password, key }: OldPerson): string | null {
    if (password !== null && BCRYPT.test(password)) return password.replace(/^\$2[xy]/, '$2b')
    report.leaveOut(password === null ? 'account without a password' : 'password that is no bcrypt hash', key)
    return null
  }

  return {
    async carryAll(people: AsyncIterable<OldPerson>): Promise<void> {
      for await (const old of people) await carry(old)
    },

    /** The id here of somebody by key or alias there. */
    idOf: (name: string): string | undefined => ids.get(name),
  }
}

const shortened = (text: string | null, length: number) => text && text.slice(0, length).toWellFormed()

/** Letters and digits with `.`, `_` and `-` between them, at most 32, and none that means something else. */
function toUsername(text: string): string {
  const letters = text.normalize('NFC').replace(/[^\p{L}\p{N}._-]+/gu, '_')
  const name = Array.from(letters)
    .slice(0, 32)
    .join('')
    .replace(/^[._-]+|[._-]+$/g, '')
  return isUsername(name) ? name : `user_${name.slice(0, 24) || 'x'}`
}
