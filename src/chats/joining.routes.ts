// Routes for joining groups by links, and for those who wait to be let in.
import { Elysia } from 'elysia'
import { Type } from '@sinclair/typebox'
import type { Guard } from '../auth/guard'
import { answers, problems } from '../lib/answers'
import { Done, done } from '../lib/schema'
import type { Invites } from './invites'
import type { Joining } from './joining'
import * as model from './joining.model'
import type { InviteRecord } from './joining.store'
import { Chat, ChatParams } from './model'
import { toPng, toSvg } from './qr'

/** `publicUrl`: what links begin with; null: the address that the request came to. */
export function joiningRoutes(invites: Invites, joining: Joining, publicUrl: string | null, guard: Guard) {
  const linkOf = (code: string, request: Request) =>
    `${publicUrl ?? new URL(request.url).origin}/?invite=${code}`
  const toInvite = (invite: InviteRecord, request: Request): model.Invite => ({
    ...invite,
    url: linkOf(invite.code, request),
  })

  return new Elysia({ name: 'joining', detail: { tags: ['chats'] } })
    .use(guard)
    .post(
      '/chats/:id/invites',
      async ({ me, params, body, request, status }) =>
        status(201, toInvite(await invites.make(me.user_id, params.id, body ?? {}), request)),
      {
        signedIn: true,
        takes: 'links',
        params: ChatParams,
        body: Type.Optional(model.MakeInvite),
        response: answers({ 201: model.Invite }, 401, 403, 404, 409, 422),
        detail: {
          summary: 'Make a link to join by',
          description:
            'By owners and admins; at most 100 of a group. Its code has 144 random bits: nobody finds one by trying.',
        },
      },
    )
    .get(
      '/chats/:id/invites',
      async ({ me, params, query, request }) => {
        const page = await invites.list(me.user_id, params.id, query)
        return { items: page.items.map(invite => toInvite(invite, request)), next: page.next }
      },
      {
        signedIn: true,
        params: ChatParams,
        query: model.ListQuery,
        response: answers({ 200: model.InvitePage }, 400, 401, 403, 404, 409, 422),
        detail: {
          summary: 'Links to join by',
          description: 'For owners and admins, newest first; expired and used up ones too.',
        },
      },
    )
    .delete(
      '/chats/:id/invites/:code',
      async ({ me, params }) => (await invites.revoke(me.user_id, params.id, params.code), done),
      {
        signedIn: true,
        params: model.InviteParams,
        response: answers({ 200: Done }, 401, 403, 404, 409, 422),
        detail: {
          summary: 'Revoke a link',
          description: 'By owners and admins; nobody joins by it any more.',
        },
      },
    )
    .get(
      '/chats/:id/invites/:code/qr',
      async ({ me, params, query, request }) => {
        const { code } = await invites.get(me.user_id, params.id, params.code)
        const link = linkOf(code, request)
        return query.format === 'png'
          ? picture(await toPng(link), 'image/png')
          : picture(await toSvg(link), 'image/svg+xml')
      },
      {
        signedIn: true,
        params: model.InviteParams,
        query: model.QrQuery,
        response: problems(401, 403, 404, 409, 422),
        detail: {
          summary: 'A link as a QR picture',
          description: 'For owners and admins: the `url` of the link, as SVG or PNG.',
          responses: { 200: { description: 'The picture.' } },
        },
      },
    )
    .get('/invites/:code', ({ me, params }) => joining.preview(me.user_id, params.code), {
      signedIn: true,
      takes: 'links',
      params: model.CodeParams,
      response: answers({ 200: model.InvitePreview }, 401, 404, 422),
      detail: {
        summary: 'What a link invites to',
        description: 'Unknown, revoked, expired and used up codes are the same 404.',
      },
    })
    .post(
      '/invites/:code',
      async ({ me, params, status }) => {
        const { chat, request } = await joining.join(me.user_id, params.code)
        return chat ? status(200, chat) : status(202, request)
      },
      {
        signedIn: true,
        takes: 'links',
        params: model.CodeParams,
        response: answers({ 200: Chat, 202: model.MyJoinRequest }, 401, 404, 409, 422),
        detail: {
          summary: 'Join by a link',
          description:
            '200 with the chat, also for those who are in already, who take no use of the link. 202 where an admin ' +
            'has to say yes first: `chat` comes over the socket when they do.',
        },
      },
    )
    .get('/users/me/join-requests', ({ me, query }) => joining.mine(me.user_id, query), {
      signedIn: true,
      query: model.ListQuery,
      response: answers({ 200: model.MyJoinRequestPage }, 400, 401, 422),
      detail: { summary: 'Where I wait to be let in' },
    })
    .get(
      '/chats/:id/join-requests',
      ({ me, params, query }) => joining.waiting(me.user_id, params.id, query),
      {
        signedIn: true,
        params: ChatParams,
        query: model.ListQuery,
        response: answers({ 200: model.JoinRequestPage }, 400, 401, 403, 404, 409, 422),
        detail: { summary: 'Who waits to be let in', description: 'For owners and admins, the first first.' },
      },
    )
    .post(
      '/chats/:id/join-requests/:user_id/approve',
      async ({ me, params }) => (await joining.approve(me.user_id, params.id, params.user_id), done),
      {
        signedIn: true,
        params: model.JoinRequestParams,
        response: answers({ 200: Done }, 401, 403, 404, 409, 422),
        detail: { summary: 'Let somebody in', description: 'By owners and admins.' },
      },
    )
    .delete(
      '/chats/:id/join-requests/:user_id',
      async ({ me, params }) => (await joining.drop(me.user_id, params.id, params.user_id), done),
      {
        signedIn: true,
        params: model.JoinRequestParams,
        response: answers({ 200: Done }, 401, 403, 404, 409, 422),
        detail: {
          summary: 'Decline a request to join',
          description: 'By owners and admins. Mine: I withdraw it.',
        },
      },
    )
}

/** Not to be kept: a link may be revoked. */
const picture = (body: BodyInit, type: string) =>
  new Response(body, { headers: { 'content-type': type, 'cache-control': 'private, no-store' } })
