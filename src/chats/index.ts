// Routes for chats and their members.
import { Elysia } from 'elysia'
import type { Guard } from '../auth/guard'
import type { Avatars } from '../files/avatars'
import { answers } from '../lib/answers'
import { Done, done } from '../lib/schema'
import type { Directory } from './directory'
import type { Members } from './members'
import * as model from './model'
import type { Opening } from './opening'
import type { Chats } from './service'

export function chatRoutes(
  chats: Chats,
  avatars: Avatars,
  opening: Opening,
  members: Members,
  directory: Directory,
  guard: Guard,
) {
  return new Elysia({ name: 'chats', prefix: '/chats', detail: { tags: ['chats'] } })
    .use(guard)
    .post(
      '/',
      async ({ me, body, status }) => {
        const { chat, isNew } = await opening.create(me.user_id, body)
        return status(isNew ? 201 : 200, chat)
      },
      {
        signedIn: true,
        body: model.CreateChat,
        response: answers({ 200: model.Chat, 201: model.Chat }, 401, 403, 404, 422, 503),
        detail: {
          summary: 'Open a private chat or make a group',
          description:
            '200 with the chat that exists: a pair of people has one private chat. Alone it is for own notes.',
        },
      },
    )
    .get('/', ({ me, query }) => chats.list(me.user_id, query), {
      signedIn: true,
      query: model.ListChats,
      response: answers({ 200: model.ChatPage }, 400, 401, 422),
      detail: {
        summary: 'My chats',
        description: 'Newest activity first, with last message and exact unread count.',
      },
    })
    .get('/:id', ({ me, params }) => chats.view(me.user_id, params.id), {
      signedIn: true,
      params: model.ChatParams,
      response: answers({ 200: model.Chat }, 401, 404, 422),
      detail: { summary: 'One chat of mine' },
    })
    .patch('/:id', ({ me, params, body }) => avatars.editGroup(me.user_id, params.id, body), {
      signedIn: true,
      params: model.ChatParams,
      body: model.EditChat,
      response: answers({ 200: model.Chat }, 401, 403, 404, 409, 422, 503),
      detail: {
        summary: 'Rename a group, change its picture or its settings',
        description:
          'By owners and admins; retention by owners: with `retention_seconds` every message, also one that is there, ' +
          'becomes a tombstone (`delete_reason` is `expired`) so long after it was sent. Who joins after `history_for_newcomers` was set to `joined` ' +
          'sees nothing from before; those who are in keep what they see.',
      },
    })
    .delete(
      '/:id',
      async ({ me, params, query }) => (await chats.delete(me.user_id, params.id, query.for), done),
      {
        signedIn: true,
        params: model.ChatParams,
        query: model.DeleteChatQuery,
        response: answers({ 200: Done }, 401, 403, 404, 409, 422),
        detail: {
          summary: 'Delete a chat',
          description:
            'A private chat leaves my list with its history and comes back empty when someone writes. ' +
            'A group is deleted for everyone, by an owner.',
        },
      },
    )
    .get('/:id/members', ({ me, params, query }) => directory.list(me.user_id, params.id, query), {
      signedIn: true,
      params: model.ChatParams,
      query: model.ListMembers,
      response: answers({ 200: model.MemberPage }, 400, 401, 404, 422),
      detail: {
        summary: 'Members of a chat of mine',
        description:
          'With role, read position, name and picture; ordered by user id. `q` finds by the beginnings of words.',
      },
    })
    .post('/:id/members', ({ me, params, body }) => members.add(me.user_id, params.id, body.participants), {
      signedIn: true,
      params: model.ChatParams,
      body: model.AddMembers,
      response: answers({ 200: model.Chat }, 401, 403, 404, 409, 422),
      detail: {
        summary: 'Add people to a group',
        description: 'By owners and admins. One unknown person refuses them all; members stay as they are.',
      },
    })
    .patch(
      '/:id/members/:user_id',
      ({ me, params, body }) => members.setRole(me.user_id, params.id, params.user_id, body.role),
      {
        signedIn: true,
        params: model.MemberParams,
        body: model.ChangeRole,
        response: answers({ 200: model.Member }, 401, 403, 404, 409, 422),
        detail: {
          summary: "Change a member's role",
          description: 'By owners. Making someone an owner hands over.',
        },
      },
    )
    .delete(
      '/:id/members/:user_id',
      async ({ me, params }) => (await members.remove(me.user_id, params.id, params.user_id), done),
      {
        signedIn: true,
        params: model.MemberParams,
        response: answers({ 200: Done }, 401, 403, 404, 409, 422),
        detail: {
          summary: 'Remove a member',
          description: 'By owners; admins remove members. Oneself: leave.',
        },
      },
    )
    .post('/:id/owner', ({ me, params, body }) => members.handOver(me.user_id, params.id, body.user_id), {
      signedIn: true,
      params: model.ChatParams,
      body: model.HandOver,
      response: answers({ 200: model.Chat }, 401, 403, 404, 409, 422),
      detail: {
        summary: 'Hand a group over',
        description: 'By an owner, who is an admin then and may leave: both in one step.',
      },
    })
    .post('/:id/leave', async ({ me, params }) => (await members.leave(me.user_id, params.id), done), {
      signedIn: true,
      params: model.ChatParams,
      response: answers({ 200: Done }, 401, 404, 409, 422),
      detail: {
        summary: 'Leave a group',
        description: 'The last owner hands over first; a group that its last member leaves is deleted.',
      },
    })
}
