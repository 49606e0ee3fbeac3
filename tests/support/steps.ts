// Random things that members do to a chat, as data: so that a failing run can be shrunk and shown.
import fc from 'fast-check'
import { message } from './chats'
import type { Person } from './people'

export type Step =
  | { does: 'send'; who: number; text: string }
  | {
      does: 'edit' | 'delete' | 'pin' | 'react' | 'unreact' | 'hide'
      who: number
      which: number
      text: string
    }

const who = fc.nat(9)
const text = fc.stringMatching(/^[a-z]{1,8}$/)

export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('send' as const), who, text }) },
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constantFrom('edit', 'delete', 'pin', 'react', 'unreact' as const),
      who,
      which: fc.nat(999),
      text,
    }),
  },
)

const EMOJI = ['👍', '🎉', '❤️']

/** Does one step; refusals (a stranger's edit, a deleted message) are part of the game, errors are not. */
export async function take(step: Step, members: Person[], chatId: string, sent: string[]): Promise<void> {
  const person = members[step.who % members.length] as Person
  if (step.does === 'send') {
    const { data } = await person.api.chats({ id: chatId }).messages.post({ content: step.text })
    if (data) sent.push(data.id)
    return
  }
  const mid = sent[step.which % Math.max(1, sent.length)]
  if (!mid) return
  const target = message(person, chatId, mid)
  const emoji = encodeURIComponent(EMOJI[step.which % EMOJI.length] as string)
  const { status } = await {
    edit: () => target.patch({ content: step.text }),
    delete: () => target.delete({}, { query: {} }),
    hide: () => target.delete({}, { query: { for: 'me' } }),
    pin: () => target.pin.put(),
    react: () => target.reactions({ emoji }).put(),
    unreact: () => target.reactions({ emoji }).delete(),
  }[step.does]()
  if (![200, 201, 403, 404, 409].includes(status)) throw new Error(`${step.does} answered ${status}`)
}
