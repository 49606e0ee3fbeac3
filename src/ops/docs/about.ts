// What the OpenAPI document says beside its operations: how to begin, how to sign in, what the groups are.
import { rulesTable } from '../../chats/roles'
import type { Schema } from './schemas'

const DESCRIPTION = `1. Sign up with \`POST /auth/register\`, or sign in with \`POST /auth/login\`.
2. Send the \`access_token\` as \`Authorization: Bearer …\`. On [/docs](/docs): **Authorize**, with name and password.
3. Open a chat with \`POST /chats\` \`{"participants": ["@bob"]}\`, write with \`POST /chats/{id}/messages\`.
4. Hear what others write: [the socket](/docs/sockets), also as [AsyncAPI](/docs/asyncapi.json).
5. Be told while you are away: subscribe a browser with \`GET /push/key\` and \`PUT /push/subscriptions\`.

Times are ISO 8601 in UTC, ids are 24 hex digits, lists answer \`{items, next}\` and go on with \`?cursor=\`.
How often one may ask is in [a table](/docs/sockets#limits): 429 says how long to wait, and nothing was done.
Every error is a \`Problem\` (RFC 9457) with a stable [\`code\`](/docs/sockets#codes); every answer carries \`x-request-id\`.
Fields of a body that are not documented are passed over, so that older servers understand newer clients.

## Who may do what in a group

${rulesTable()}

All members read, react, mark as read and leave; in a private chat both may do all there is.

## Older APIs

Five older APIs are served too, each under its tag: \`whatsapp\` is the root itself, the others are under \`/compat\`.
Their errors are \`Refusal\`s.`

export const about = (version: string) => ({
  openapi: '3.1.0',
  info: {
    title: 'Natter',
    version,
    summary: 'Private chats and groups over REST and WebSockets.',
    description: DESCRIPTION,
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/', description: 'This server' }],
  tags: [
    { name: 'auth', description: 'Signing up, signing in, and where one is signed in.' },
    { name: 'users', description: 'Finding people, and looking after one’s own profile.' },
    { name: 'chats', description: 'Private chats, groups and their members.' },
    { name: 'files', description: 'Uploading, fetching, and looking after one’s own files.' },
    { name: 'messages', description: 'Sending, reading back, changing, and how far everyone has read.' },
    {
      name: 'mine',
      description: 'What is mine alone: settings, drafts, saved and scheduled messages, mentions.',
    },
    { name: 'push', description: 'Notifications of devices that are not online, by Web Push.' },
    { name: 'realtime', description: 'The socket; its frames have [a page of their own](/docs/sockets).' },
    { name: 'admin', description: 'For administrators: service keys and what they were used for.' },
    { name: 'ops', description: 'For those who run the server.' },
    { name: 'whatsapp', description: 'An older API, served at the root: routes of the groups above.' },
    {
      name: 'aws',
      description:
        'An older API: users by email, messages from person to person; with a token or a service key.',
    },
    { name: 'messaging', description: 'An older API: accounts by name, private rooms and groups.' },
    {
      name: 'chatnest',
      description: 'An older API: messages and conversations by id; with a token or a service key.',
    },
    { name: 'react', description: 'An older API: all messages of a person, and a socket of its own.' },
  ],
})

/** As routes name them in `security`; Swagger UI asks for the first of them first. */
export const securitySchemes = {
  password: {
    type: 'oauth2',
    description: 'Name and password; client id and secret stay empty.',
    flows: { password: { tokenUrl: '/auth/token', scopes: {} } },
  },
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description:
      'The `access_token` of a sign-in; or a service key, with the person it acts for in `X-Acting-User`.',
  },
  ticket: {
    type: 'apiKey',
    in: 'query',
    name: 'ticket',
    description: 'From `POST /auth/ticket` `{"for":"files"}`: fetches files alone.',
  },
} as const

/** What each status means wherever it is answered. */
export const MEANINGS: Record<number, string> = {
  101: 'Switching to the WebSocket protocol.',
  200: 'Done.',
  201: 'Made.',
  400: 'The request cannot be read, or a service key names nobody to act for.',
  401: 'Not signed in, or the sign-in has ended.',
  403: 'Signed in, but not allowed to do this.',
  404: 'Unknown, or not yours: the two are the same answer.',
  408: 'Nothing came for too long.',
  409: 'Does not go with the present state; see `code`.',
  413: 'The body is too large.',
  415: 'The body is of a kind that is not taken here.',
  416: 'The file has no such part.',
  422: 'A field is missing or not as it should be; see `errors`.',
  426: 'Only for WebSockets: ask for an upgrade.',
  429: 'Too often; wait as long as `Retry-After` says.',
  500: 'Something went wrong here; the request id finds it in the log.',
  503: 'Cannot be served now; nothing is known to be done. Repeat after `Retry-After`.',
  507: 'No room among my files; delete some.',
}

export const RETRY_AFTER: Schema = {
  'retry-after': { description: 'Seconds to wait.', schema: { type: 'integer', minimum: 1 } },
}

/** Where a rate is the reason; routes that are limited more strictly tell it with other answers too. */
export const RATE_LIMIT: Schema = {
  'ratelimit-policy': {
    description: 'Of which limit, `q` at once, all of which comes back in `w` seconds.',
    schema: { type: 'string', examples: ['"searches";q=50;w=10'] },
  },
  ratelimit: {
    description: 'What is left of it, and in how many seconds there is more.',
    schema: { type: 'string', examples: ['"searches";r=0;t=1'] },
  },
}
