// The older APIs, each under its name; the WhatsApp-like one is the root itself.
import { Elysia } from 'elysia'
import type { Guard } from '../auth/guard'
import type { Doors } from './doors'
import { messagingRoutes } from './messaging'

export function compatRoutes(doors: Doors, guard: Guard, addressOf: (request: Request) => string) {
  return new Elysia({ name: 'compat' }).use(messagingRoutes(doors, guard, addressOf))
}
