// Reactions: any emoji, one of each per person.
import { mustBeWritable } from '../chats/service'
import { conflict, invalid } from '../lib/errors'
import { fromCursor, toCursor } from '../lib/cursors'
import { nowIso, pageOf, type PageQuery } from '../lib/schema'
import { mustStand, type Changing } from './changing'
import { MAX_REACTIONS, type Message } from './model'
import type { Messages } from './service'
import type { StoredReaction } from './store'

export type Reactions = ReturnType<typeof createReactions>

export function createReactions(messages: Messages, changing: Changing) {
  return {
    /** Reacts with an emoji; a repeat changes nothing. 409 beyond 20 different ones on one message. */
    async react(me: string, chatId: string, id: string, text: string): Promise<Message> {
      const emoji = mustBeEmoji(text)
      const goal = await changing.target(me, chatId, id)
      mustBeWritable(goal.door)
      return changing.change(me, goal, message => {
        mustStand(message)
        const reactions = withMine(message.reactions, emoji, me)
        return reactions && { reactions, updated_at: nowIso() }
      })
    },

    /** Takes my reaction back; a repeat changes nothing. */
    async unreact(me: string, chatId: string, id: string, text: string): Promise<Message> {
      const emoji = mustBeEmoji(text)
      const goal = await changing.target(me, chatId, id)
      return changing.change(me, goal, message => {
        const mine = message.reactions.find(reaction => reaction.emoji === emoji)
        if (!mine?.user_ids.includes(me)) return null
        return { reactions: withoutMine(message.reactions, emoji, me), updated_at: nowIso() }
      })
    },

    /** Everybody who reacted, emoji by emoji, in the order they did. */
    async list(me: string, chatId: string, id: string, { limit = 20, cursor }: PageQuery) {
      const { reactions } = await messages.mustSee(me, chatId, id)
      const all = reactions.flatMap(({ emoji, user_ids }) => user_ids.map(user_id => ({ emoji, user_id })))
      const from = cursor === undefined ? 0 : fromCursor(cursor, 'number')[0]
      const page = pageOf(all.slice(from, from + limit + 1), limit, () => toCursor(from + limit))
      return page
    },
  }
}

function withMine(reactions: StoredReaction[], emoji: string, me: string): StoredReaction[] | null {
  const same = reactions.find(reaction => reaction.emoji === emoji)
  if (same?.user_ids.includes(me)) return null
  if (same) return reactions.map(one => (one === same ? { emoji, user_ids: [...one.user_ids, me] } : one))
  if (reactions.length >= MAX_REACTIONS) {
    throw conflict('too_many_reactions', `A message takes at most ${MAX_REACTIONS} different reactions.`)
  }
  return [...reactions, { emoji, user_ids: [me] }]
}

const withoutMine = (reactions: StoredReaction[], emoji: string, me: string): StoredReaction[] =>
  reactions
    .map(one => (one.emoji === emoji ? { emoji, user_ids: one.user_ids.filter(id => id !== me) } : one))
    .filter(one => one.user_ids.length > 0)

let graphemes: Intl.Segmenter | undefined

/** Made by the first reaction: its tables would slow down every start. */
const segmenter = () => (graphemes ??= new Intl.Segmenter('en', { granularity: 'grapheme' }))

/** Unicode TR51: a single emoji, a flag, a keycap, or several joined to one grapheme. */
const EMOJI = /^(?:\p{RGI_Emoji}|\p{Extended_Pictographic}\uFE0F?)$/v

/** Characters that are text until U+FE0F makes them emoji, which a skin tone does alone. */
const TEXT_UNTIL_MARKED = /[\p{Emoji}--\p{Emoji_Presentation}](?![\u{1F3FB}-\u{1F3FF}])/gv

/** TR51: `fully-qualified`. Keyboards leave out U+FE0F here and there, and the same emoji counts as one. */
const fullyQualified = (text: string): string =>
  text.normalize('NFC').replaceAll('\uFE0F', '').replace(TEXT_UNTIL_MARKED, '$&\uFE0F')

/** One emoji that is one grapheme, in its normal form: 422 otherwise. */
export function mustBeEmoji(text: string): string {
  const emoji = fullyQualified(text)
  const [first, second] = segmenter().segment(emoji)
  if (!first || second || !EMOJI.test(emoji))
    throw invalid('params/emoji', 'not_an_emoji', 'A reaction is one emoji.')
  return emoji
}
