// Routes for administrators: service keys, and the log of their use.
import { Elysia } from 'elysia'
import type { Guard } from '../auth/guard'
import { answers } from '../lib/answers'
import { Done, done, PageQuery } from '../lib/schema'
import type { Keys } from './servicekeys'
import * as model from './model'

export function adminRoutes(keys: Keys, guard: Guard) {
  return new Elysia({ name: 'admin', prefix: '/admin', detail: { tags: ['admin'] } })
    .use(guard)
    .post('/keys', async ({ me, body, status }) => status(201, await keys.create(me, body.name)), {
      signedIn: true,
      body: model.NewKey,
      response: answers({ 201: model.MadeKey }, 401, 403, 422),
      detail: {
        summary: 'Make a service key',
        description:
          'For a trusted backend: sent as a bearer token with `X-Acting-User: <user id>`, it acts for that person ' +
          'on every route but these. The key is shown this once. Each use is in the audit log.',
      },
    })
    .get('/keys', ({ me, query }) => keys.list(me, query), {
      signedIn: true,
      query: PageQuery,
      response: answers({ 200: model.ServiceKeyPage }, 400, 401, 403, 422),
      detail: { summary: 'Service keys', description: 'Newest first.' },
    })
    .delete('/keys/:id', async ({ me, params }) => (await keys.revoke(me, params.id), done), {
      signedIn: true,
      params: model.KeyParams,
      response: answers({ 200: Done }, 401, 403, 404, 422),
      detail: { summary: 'Revoke a service key', description: 'At once; its sockets close.' },
    })
    .get('/audit', ({ me, query }) => keys.audit(me, query), {
      signedIn: true,
      query: model.ListAudit,
      response: answers({ 200: model.AuditPage }, 400, 401, 403, 422),
      detail: {
        summary: 'What service keys were used for',
        description: 'Newest first, of one key or one person where named; kept for a year.',
      },
    })
}
