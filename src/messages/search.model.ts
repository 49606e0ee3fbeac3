// Searching: what is asked, and what is found.
import { Type, type Static } from '@sinclair/typebox'
import { MessageType } from '../chats/model'
import { Cursor, GivenTime, Id, Limit, Page } from '../lib/schema'
import { Message } from './model'

const SearchTime = (which: string) => Type.Optional(GivenTime(`Sent ${which} this time.`))

export const SearchMessages = Type.Object({
  q: Type.String({ maxLength: 200, description: 'The words to look for; all of them must be there.' }),
  chat_id: Type.Optional({ ...Id, description: 'In this chat only.' }),
  from: Type.Optional(
    Type.String({ maxLength: 64, description: 'Sent by this person: id, `@username` or `me`.' }),
  ),
  type: Type.Optional(MessageType),
  after: SearchTime('after'),
  before: SearchTime('before'),
  limit: Limit,
  cursor: Cursor,
})
export type SearchMessages = Static<typeof SearchMessages>

export const SearchHit = Type.Object(
  {
    message: Message,
    ranges: Type.Array(Type.Array(Type.Integer(), { minItems: 2, maxItems: 2 }), {
      description:
        'Where `content` has the words: start and end of each place in UTF-16 units, ascending, none overlapping.',
      examples: [[[0, 5]]],
    }),
  },
  { title: 'SearchHit' },
)
export type SearchHit = Static<typeof SearchHit>
export const SearchPage = Page(SearchHit, 'SearchPage')
