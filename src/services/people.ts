// People, and how they sign in.
import { createKeys } from '../admin/servicekeys'
import { administratorIn } from '../auth/administrator'
import { createAttempts } from '../auth/attempts'
import { createDevices } from '../auth/devices'
import { createPasswords } from '../auth/passwords'
import { createRates } from '../auth/rates'
import { createAuth } from '../auth/service'
import { createSessions } from '../auth/sessions'
import { createTokens } from '../auth/tokens'
import { createUsage } from '../auth/usage'
import { createSight } from '../chats/sight'
import { createPresence } from '../realtime/presence'
import { createBlocks } from '../users/blocks'
import { createSelf } from '../users/self'
import { createUsers } from '../users/service'
import { createWalls } from '../users/walls'
import type { Base } from './deps'

export type People = ReturnType<typeof createPeople>

export function createPeople({ stores, secret, settings, hashing, times, now, events, report }: Base) {
  const presence = createPresence(stores.users, events, report, times)
  const walls = createWalls(stores.blocks)
  const sight = createSight(stores.chats, stores.users, walls, presence)
  const users = createUsers(stores.users, stores.blobs, walls, sight, events)
  const keys = createKeys(stores.admin, users, events)
  const usage = createUsage(stores.auth)
  const lifetimes = {
    accessSeconds: settings.ACCESS_TOKEN_MINUTES * 60,
    refreshSeconds: settings.REFRESH_TOKEN_DAYS * 86_400,
  }
  const sessions = createSessions(stores.auth, createTokens(secret), usage, events, lifetimes, keys.stands)
  const devices = createDevices(stores.auth, usage, events)
  const passwords = createPasswords(hashing)
  const attempts = createAttempts(settings.RATE_LIMITS, now)
  return {
    presence,
    walls,
    sight,
    users,
    self: createSelf(stores.users, users, events),
    blocks: createBlocks(stores.blocks, walls, users, events, stores.messages.settled),
    keys,
    usage,
    sessions,
    devices,
    passwords,
    rates: createRates(settings.RATE_LIMITS, now),
    auth: createAuth(stores.users, sessions, devices, passwords, attempts),
    ensureAdministrator: administratorIn(stores.users, sessions, passwords),
  }
}
