// Who is typing: heard at once, and always ended.
import { describe, expect, test } from 'bun:test'
import { groupChat, people, privateChat, say } from '../support/chats'
import type { Frame, Line } from '../support/line'
import type { Person } from '../support/people'
import { world } from '../support/world'

const LONG = { graceMs: 200, tellMs: 10, typingMs: 60_000 }
const SHORT = { ...LONG, typingMs: 300 }

const typing = (line: Line) => line.of('typing').map(({ user_id, on }) => ({ user_id, on }))
const isOff = ({ on }: Frame) => on === false

/** All that a line's member has said before has been heard by then. */
async function fence(writer: Person, listener: Line, chatId: string) {
  const { id } = await say(writer, chatId, 'fence')
  await listener.hears('message', frame => frame.message.id === id)
}

describe('typing', () => {
  test('ends by itself, and goes on as long as it is said anew; a stranger is refused', async () => {
    await using w = await world({}, { times: SHORT })
    const [ann, bob, mallory] = (await people(w, 'ann', 'bob', 'mallory')) as [Person, Person, Person]
    const id = await privateChat(ann, bob)
    const [annLine, bobLine] = [await ann.online(), await bob.online()]
    const malloryLine = await mallory.online()
    await annLine.ask({ type: 'typing', chat_id: id, on: true })
    await bobLine.hears('typing', isOff)
    expect(typing(bobLine)).toEqual([
      { user_id: ann.id, on: true },
      { user_id: ann.id, on: false },
    ])
    expect(await malloryLine.ask({ type: 'typing', chat_id: id, on: true })).toMatchObject({ status: 404 })
    expect(malloryLine.of('typing')).toEqual([])
  })

  test('ends at once with the message, with the socket, and when said so', async () => {
    await using w = await world({}, { times: LONG })
    const [ann, bob, cleo] = (await people(w, 'ann', 'bob', 'cleo')) as [Person, Person, Person]
    const id = await groupChat(ann, bob, cleo)
    const bobLine = await bob.online()
    const [annLine, cleoLine, danLine] = [await ann.online(), await cleo.online(), await cleo.online()]

    await annLine.ask({ type: 'typing', chat_id: id, on: true })
    await say(ann, id, 'here it is')
    await bobLine.hears('typing', frame => isOff(frame) && frame.user_id === ann.id)

    await cleoLine.ask({ type: 'typing', chat_id: id, on: true })
    danLine.close()
    await danLine.closed
    await fence(bob, bobLine, id)
    expect(typing(bobLine).at(-1)).toEqual({ user_id: cleo.id, on: true })
    cleoLine.close()
    await bobLine.hears('typing', frame => isOff(frame) && frame.user_id === cleo.id)

    await bobLine.ask({ type: 'typing', chat_id: id, on: true })
    await bobLine.ask({ type: 'typing', chat_id: id, on: false })
    await annLine.hears('typing', frame => isOff(frame) && frame.user_id === bob.id)
  })

  test('an edit of mine by nobody else’s hand does not end it, nor does a message elsewhere', async () => {
    await using w = await world({}, { times: LONG })
    const [ann, bob] = (await people(w, 'ann', 'bob')) as [Person, Person]
    const [id, other] = [await privateChat(ann, bob), await groupChat(ann, bob)]
    const first = await say(ann, id, 'first')
    const [annLine, bobLine] = [await ann.online(), await bob.online()]
    await annLine.ask({ type: 'typing', chat_id: id, on: true })
    await ann.api.chats({ id }).messages({ mid: first.id }).patch({ content: 'first of all' })
    await say(ann, other, 'elsewhere')
    await fence(bob, bobLine, id)
    expect(typing(bobLine)).toEqual([{ user_id: ann.id, on: true }])
  })

  test('repeats within a second are not passed on, nor is flipping to and fro', async () => {
    await using w = await world({}, { times: LONG })
    const [ann, bob] = (await people(w, 'ann', 'bob')) as [Person, Person]
    const id = await privateChat(ann, bob)
    const [annLine, bobLine] = [await ann.online(), await bob.online()]
    const begun = performance.now()
    for (let i = 0; i < 20; i++) annLine.say({ type: 'typing', chat_id: id, on: true })
    for (let i = 0; i < 20; i++) annLine.say({ type: 'typing', chat_id: id, on: i % 2 === 1 })
    await annLine.ask({ type: 'typing', chat_id: id, on: false })
    await fence(bob, bobLine, id)
    // On a machine so busy that this took seconds, some are repeats after a second.
    const seconds = Math.floor((performance.now() - begun) / 1000) + 1
    expect(typing(bobLine).length).toBeLessThanOrEqual(2 * seconds)
    expect(typing(bobLine).at(-1)).toEqual({ user_id: ann.id, on: false })
  })
})
