// The route that gives me everything of mine.
import { Elysia } from 'elysia'
import type { Guard } from '../auth/guard'
import { problems } from '../lib/answers'
import type { Export } from './service'

export function exportRoutes(exports: Export, guard: Guard) {
  return new Elysia({ name: 'export', prefix: '/users', detail: { tags: ['users'] } })
    .use(guard)
    .get('/me/export', ({ me }) => archive(exports.begin(me)), {
      signedIn: true,
      takes: 'exports',
      response: problems(401, 429, 503),
      detail: {
        summary: 'Everything of mine, as one archive',
        description:
          'A zip, written while it is read: profile, sessions, chats with settings and drafts, the whole conversations ' +
          'as I see them (mine and those of others, one message a line), my reactions, what I saved and scheduled, ' +
          'whom I blocked, mentions, notified devices, join requests, and my picture and files. No passwords, tokens ' +
          'or keys. One at a time: 429 otherwise.',
        responses: {
          200: { description: 'The archive.', content: { 'application/zip': { schema: BYTES } } },
        },
      },
    })
}

const BYTES = { type: 'string', format: 'binary' } as const

function archive(stream: ReadableStream<Uint8Array>): Response {
  const day = new Date().toISOString().slice(0, 10)
  return new Response(stream, {
    headers: {
      'content-type': 'application/zip',
      'content-disposition': `attachment; filename="natter-export-${day}.zip"`,
      'cache-control': 'no-store',
    },
  })
}
