// The route that finds messages by their words.
import { Elysia } from 'elysia'
import type { Guard } from '../auth/guard'
import { answers } from '../lib/answers'
import { SearchMessages, SearchPage } from './search.model'
import type { Search } from './search'

export function searchRoutes(search: Search, guard: Guard) {
  return new Elysia({ name: 'search', prefix: '/messages', detail: { tags: ['messages'] } })
    .use(guard)
    .get('/search', ({ me, query }) => search.find(me.user_id, query), {
      signedIn: true,
      takes: 'searches',
      query: SearchMessages,
      response: answers({ 200: SearchPage }, 400, 401, 404, 422),
      detail: {
        summary: 'Find messages by their words',
        description:
          'In all my chats, newest first. Every word of `q` must be there: each is the beginning of a word, without ' +
          'case and accents; in scripts without spaces (Chinese, Japanese, Korean, Thai, …) any part of the text. ' +
          'Messages are found as they are now: an edit or a deletion counts at once.',
      },
    })
}
