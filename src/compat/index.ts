// The older APIs, each under its name; the WhatsApp-like one is the root itself.
import { Elysia } from 'elysia'
import { awsRoutes, profilePictures } from './aws'
import { chatnestRoutes } from './chatnest'
import type { Doors } from './doors'
import { messagingRoutes } from './messaging'
import { reactPage, reactRoutes } from './react'

export const compatRoutes = (doors: Doors) =>
  new Elysia({ name: 'compat' })
    .use(awsRoutes(doors))
    .use(profilePictures())
    .use(messagingRoutes(doors))
    .use(chatnestRoutes(doors))
    .use(reactRoutes(doors))
    .use(reactPage())
