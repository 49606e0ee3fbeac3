// Routes for signing up, signing in and looking after one's sessions.
import { Elysia } from 'elysia'
import { Type } from '@sinclair/typebox'
import { takesForm } from '../lib/body'
import { answers } from '../lib/answers'
import { Done, done, Id } from '../lib/schema'
import { Me } from '../users/model'
import type { Users } from '../users/service'
import type { Devices } from './devices'
import type { Guard } from './guard'
import * as model from './model'
import type { Auth } from './service'
import type { Sessions } from './sessions'

const SIGNED_IN = 'A new sign-in: an access token for requests, a refresh token for the next pair.'

export function authRoutes(
  auth: Auth,
  sessions: Sessions,
  devices: Devices,
  users: Users,
  guard: Guard,
  addressOf: (request: Request) => string,
) {
  return new Elysia({ name: 'auth', prefix: '/auth', detail: { tags: ['auth'] } })
    .use(guard)
    .post(
      '/register',
      async ({ body, request, status }) => status(201, await auth.register(body, addressOf(request))),
      {
        open: 'registrations',
        body: model.Register,
        response: answers({ 201: model.TokenPair }, 401, 409, 422, 429, 503),
        detail: { summary: 'Sign up', description: SIGNED_IN },
      },
    )
    .post('/login', ({ body, request }) => auth.login(body, addressOf(request)), {
      open: 'signed_out',
      body: model.Login,
      response: answers({ 200: model.TokenPair }, 401, 422, 429, 503),
      detail: { ...takesForm, summary: 'Sign in', description: `${SIGNED_IN} JSON or a form.` },
    })
    .post('/token', ({ body, request }) => auth.login(body, addressOf(request)), {
      open: 'signed_out',
      body: model.TokenForm,
      response: answers({ 200: model.TokenPair }, 401, 422, 429, 503),
      detail: {
        ...takesForm,
        summary: 'Sign in with the OAuth2 password form',
        description: 'What Authorize on this page uses.',
      },
    })
    .post('/refresh', ({ body }) => auth.refresh(body.refresh_token, body.device), {
      open: 'signed_out',
      body: model.Refresh,
      response: answers({ 200: model.TokenPair }, 401, 422, 429),
      detail: {
        summary: 'Exchange a refresh token for a new pair',
        description:
          'Each refresh token is good once. Used again it ends the session, unless its successor was never used ' +
          '(the answer was lost): then the new pair replaces the successor.',
      },
    })
    .post('/logout', async ({ me }) => (await sessions.endOne(me.user_id, me.session_id), done), {
      signedIn: true,
      response: answers({ 200: Done }, 401, 404),
      detail: { summary: 'Sign out', description: 'Tokens and sockets of this session end at once.' },
    })
    .get('/me', ({ me }) => users.me(me.user_id), {
      signedIn: true,
      response: answers({ 200: Me }, 401),
      detail: { summary: 'Who I am' },
    })
    .put('/password', async ({ me, body }) => (await auth.changePassword(me, body), done), {
      signedIn: true,
      body: model.ChangePassword,
      response: answers({ 200: Done }, 401, 403, 422, 503),
      detail: { summary: 'Change my password', description: 'Ends all my other sessions.' },
    })
    .get('/sessions', async ({ me }) => ({ items: await devices.list(me), next: null }), {
      signedIn: true,
      response: answers({ 200: model.SessionPage }, 401),
      detail: { summary: 'Where I am signed in', description: 'The one used last first.' },
    })
    .delete('/sessions', async ({ me }) => (await sessions.endAll(me.user_id, me.session_id), done), {
      signedIn: true,
      response: answers({ 200: Done }, 401),
      detail: { summary: 'Sign out everywhere else' },
    })
    .delete('/sessions/:id', async ({ me, params }) => (await sessions.endOne(me.user_id, params.id), done), {
      signedIn: true,
      params: Type.Object({ id: Id }),
      response: answers({ 200: Done }, 401, 404, 422),
      detail: { summary: 'Sign out one session' },
    })
    .post(
      '/ticket',
      async ({ me, body }) => await (body?.for === 'files' ? sessions.fileTicket(me) : sessions.ticket(me)),
      {
        signedIn: true,
        takes: 'tickets',
        body: Type.Optional(model.AskTicket),
        response: answers({ 200: model.Ticket }, 401, 422),
        detail: {
          summary: 'Get a ticket',
          description:
            'For a socket: good once, within 30 seconds. For files: good for `GET /files/{id}?ticket=` alone, as often ' +
            'as needed for an hour, as long as the session stands; what may be seen is asked each time.',
        },
      },
    )
}
