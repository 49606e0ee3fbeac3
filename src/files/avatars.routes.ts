// Routes for the pictures of people and groups.
import { Elysia } from 'elysia'
import type { Guard } from '../auth/guard'
import { Chat, ChatParams } from '../chats/model'
import { readsItself } from '../lib/body'
import { answers, problems } from '../lib/answers'
import { uploads } from '../lib/upload'
import { Me } from '../users/model'
import { AvatarQuery, AvatarUpload, MAX_AVATAR_BYTES } from './avatar.model'
import type { Avatars, Shown } from './avatars'

/** Each holds its bytes in memory, some MB at most. */
const UPLOADS_AT_ONCE = 32

const requestBody = { content: { 'multipart/form-data': { schema: AvatarUpload } }, required: true } as never
const picture = { schema: { type: 'string', format: 'binary' } }
const responses = {
  200: { description: 'The picture.', content: { 'image/webp': picture, 'image/png': picture } },
  304: { description: 'The picture is the one that the client has (`If-None-Match`).' },
} as never
const SENDING = 'Send it as the field `file` of a form, or as the body itself.'
const SHOWN = '128 or 512 pixels a side; without `size` 128. An address with its version never changes.'

export function avatarRoutes(avatars: Avatars, guard: Guard) {
  const upload = uploads('file', MAX_AVATAR_BYTES, UPLOADS_AT_ONCE)

  return new Elysia({ name: 'avatars' })
    .use(guard)
    .put(
      '/users/me/avatar',
      ({ me, request }) => upload(request, me.user_id, read => avatars.setMine(me.user_id, read)),
      {
        signedIn: true,
        takes: 'uploads',
        response: answers({ 200: Me }, 400, 401, 413, 415, 422, 429, 503),
        detail: {
          ...readsItself,
          tags: ['users'],
          summary: 'Set my picture',
          description: `${SENDING} Its middle is shown, upright; what a camera noted is removed.`,
          requestBody,
        },
      },
    )
    .delete('/users/me/avatar', ({ me }) => avatars.removeMine(me.user_id), {
      signedIn: true,
      response: answers({ 200: Me }, 401),
      detail: { tags: ['users'], summary: 'Remove my picture' },
    })
    .get(
      '/users/:id/avatar',
      async ({ params, query, request }) =>
        answer(request, await avatars.ofPerson(params.id, query.v, query.size)),
      {
        open: 'pictures',
        params: ChatParams,
        query: AvatarQuery,
        response: problems(401, 429),
        detail: {
          responses,
          tags: ['users'],
          summary: 'The picture of a person',
          description: `For everybody, since pictures in a page send no token; a generated one until set. ${SHOWN}`,
        },
      },
    )
    .put(
      '/chats/:id/avatar',
      ({ me, params, request }) =>
        upload(request, me.user_id, read => avatars.setGroup(me.user_id, params.id, read)),
      {
        signedIn: true,
        takes: 'uploads',
        params: ChatParams,
        response: answers({ 200: Chat }, 400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
        detail: {
          ...readsItself,
          tags: ['chats'],
          summary: 'Set the picture of a group',
          description: `By those who may edit it. ${SENDING}`,
          requestBody,
        },
      },
    )
    .delete('/chats/:id/avatar', ({ me, params }) => avatars.removeGroup(me.user_id, params.id), {
      signedIn: true,
      params: ChatParams,
      response: answers({ 200: Chat }, 401, 403, 404, 409, 422),
      detail: { tags: ['chats'], summary: 'Remove the picture of a group' },
    })
    .get(
      '/chats/:id/avatar',
      async ({ params, query, request }) =>
        answer(request, await avatars.ofGroup(params.id, query.v, query.size)),
      {
        open: 'pictures',
        params: ChatParams,
        query: AvatarQuery,
        response: problems(401, 429),
        detail: {
          responses,
          tags: ['chats'],
          summary: 'The picture of a group',
          description: `For whoever knows the version in \`group_avatar\`, which members are told; for all others a generated one. ${SHOWN}`,
        },
      },
    )
}

const FOREVER = 'public, max-age=31536000, immutable'
const FIVE_MINUTES = 'public, max-age=300'

/** 304 where the client has it already (RFC 9110, 13.1.2). */
function answer(request: Request, { bytes, type, tag, isForever }: Shown): Response {
  const headers = {
    'content-type': type,
    etag: tag,
    'cache-control': isForever ? FOREVER : FIVE_MINUTES,
    'content-security-policy': "default-src 'none'; sandbox",
    // Beside it a cache would keep nothing: the plugin for CORS says `*`.
    vary: 'origin',
    'cross-origin-resource-policy': 'cross-origin',
    'x-content-type-options': 'nosniff',
  }
  const known = (request.headers.get('if-none-match') ?? '')
    .split(',')
    .map(text => text.trim().replace(/^W\//, ''))
  if (known.includes(tag) || known.includes('*')) return new Response(null, { status: 304, headers })
  return new Response(bytes as Uint8Array<ArrayBuffer>, { headers })
}
