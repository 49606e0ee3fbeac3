// kill -9 while all that somebody has said is being deleted: after a start the rest goes too.
import { expect, test } from 'bun:test'
import { newId } from '../../src/lib/ids'
import { openStorage } from '../../src/storage'
import { arrive, PASSWORD, type Person } from '../support/people'
import { privateChat } from '../support/chats'
import { call } from '../support/raw'
import { newHome, start, type Server } from '../support/server'

/** Fewer on MongoDB, whose stand-in scans where a server uses an index. */
const MESSAGES = Number(
  process.env.LEAVING_MESSAGES ?? (process.env.TEST_STORE === 'mongodb' ? 1_000 : 10_000),
)

async function fill(home: Record<string, string>, chat_id: string, ann: Person, bob: Person) {
  const stores = await openStorage(home.DATA_DIR as string, home.MONGODB_URL ?? null)
  const said = (sender: Person, content: string) => {
    const id = newId()
    const rest = { receiver_id: null, message_type: 'text' as const, created_at: new Date().toISOString() }
    return stores.messages.append({ id, client_id: id, chat_id, sender_id: sender.id, content, ...rest })
  }
  for (let left = MESSAGES; left > 0; left -= 1_000) {
    await Promise.all(Array.from({ length: Math.min(left, 1_000) }, () => said(ann, 'of Ann')))
  }
  await said(bob, 'of Bob')
  await stores.close()
}

/** How many messages changed so far: every tombstone takes the next `rev`. */
const changed = async (server: Server, bob: Person, id: string): Promise<number> =>
  (await call(server.url, 'GET', `/chats/${id}`, { token: bob.token })).body.rev - MESSAGES - 1

async function until(reached: () => Promise<boolean>) {
  while (!(await reached())) await Bun.sleep(10)
}

test(`the rest of ${MESSAGES} messages`, async () => {
  await using home = await newHome()
  let server = await start(home)
  const ann = await arrive(server.url, 'ann')
  const bob = await arrive(server.url, 'bob')
  const id = await privateChat(ann, bob)
  server.process.kill()
  await server.process.exited
  await fill(home, id, ann, bob)

  server = await start(home)
  const { status } = await call(server.url, 'DELETE', '/users/me', {
    token: ann.token,
    json: { password: PASSWORD, messages: 'delete' },
  })
  expect(status).toBe(200)
  await until(async () => (await changed(server, bob, id)) >= MESSAGES / 10)
  const done = await changed(server, bob, id)
  server.process.kill('SIGKILL')
  await server.process.exited
  expect(done).toBeLessThan(MESSAGES)

  server = await start(home)
  await until(async () => (await changed(server, bob, id)) >= MESSAGES)
  expect(await changed(server, bob, id)).toBe(MESSAGES)
  const left: { seq: number; content: string; delete_reason: string | null }[] = []
  for (let after: number | null = 0; after !== null;) {
    const path = `/chats/${id}/messages?limit=100&after=${after}`
    const { body }: { body: { items: typeof left; after: number | null } } = await call(
      server.url,
      'GET',
      path,
      {
        token: bob.token,
      },
    )
    left.push(...body.items)
    after = body.after
  }
  expect(left).toHaveLength(MESSAGES + 1)
  expect(left.filter(({ content }) => content !== '')).toMatchObject([
    { seq: MESSAGES + 1, content: 'of Bob' },
  ])
  expect(left.filter(({ delete_reason }) => delete_reason === 'deleted')).toHaveLength(MESSAGES)

  // Nothing is left to do: another start changes nothing.
  server.process.kill()
  await server.process.exited
  server = await start(home)
  expect(await changed(server, bob, id)).toBe(MESSAGES)
  server.process.kill()
  await server.process.exited
}, 180_000)
