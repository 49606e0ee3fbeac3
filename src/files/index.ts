// Routes for files: uploading, fetching, looking after one's own.
import { Elysia } from 'elysia'
import type { Guard } from '../auth/guard'
import { readsItself } from '../lib/body'
import { answers, problems } from '../lib/answers'
import { Done, done } from '../lib/schema'
import type { Fetching } from './fetching'
import * as model from './model'
import type { Files } from './service'
import type { Uploads } from './uploads'

const IDLE_SECONDS = 30

export function fileRoutes(files: Files, uploads: Uploads, fetching: Fetching, guard: Guard) {
  return new Elysia({ name: 'files', prefix: '/files', detail: { tags: ['files'] } })
    .use(guard)
    .post(
      '/',
      async ({ me, request, server, status }) => {
        // A slow line is not a dead one: the upload itself knows when nothing comes any more.
        server?.timeout(request, 0)
        try {
          return status(201, await uploads.receive(me.user_id, request))
        } finally {
          server?.timeout(request, IDLE_SECONDS)
        }
      },
      {
        signedIn: true,
        takes: 'uploads',
        response: answers({ 201: model.File }, 400, 401, 408, 413, 415, 422, 429, 507),
        detail: {
          ...readsItself,
          summary: 'Upload a file',
          description:
            'Pictures (JPEG, PNG, WebP) are made anew, upright and without metadata such as the place; GIFs stay as ' +
            'they are; of both there is a thumbnail. All else (HEIC, AVIF, WebP that moves) is a `file`, with all that is ' +
            'in it. What no message shows within a day is collected.',
          requestBody: {
            required: true,
            content: { 'multipart/form-data': { schema: model.Upload as never } },
          },
        },
      },
    )
    .get('/', ({ me, query }) => files.list(me.user_id, query), {
      signedIn: true,
      query: model.ListFiles,
      response: answers({ 200: model.FilePage }, 400, 401, 422),
      detail: { summary: 'My files', description: 'Newest first.' },
    })
    .get(
      '/:id',
      ({ me, params, query, request }) => fetching.fetch(me.user_id, params.id, request, query.size),
      {
        mayFetch: true,
        params: model.FileParams,
        query: model.FetchQuery,
        response: problems(401, 404, 416, 422),
        detail: {
          summary: 'Fetch a file',
          description:
            'For its owner, and for members of a chat in which a message shows it, as of now. A `Range` of one part ' +
            'is answered with 206; pictures, films and sound may be shown, all else is for saving.',
          responses: {
            200: { description: 'The bytes.' },
            206: { description: 'The part asked for.' },
            304: { description: 'As the client has it.' },
          },
        },
      },
    )
    .delete('/:id', async ({ me, params }) => (await files.delete(me.user_id, params.id), done), {
      signedIn: true,
      params: model.FileParams,
      response: answers({ 200: Done }, 401, 404, 409, 422),
      detail: { summary: 'Delete a file of mine', description: 'Not while a message shows it (409).' },
    })
}
