// What is told when MongoDB cannot be used: the fix to the one who starts, a stable code to callers, no secrets.
import { $ } from 'bun'
import { describe, expect, test } from 'bun:test'
import { AppError } from '../../../src/lib/errors'
import { newId } from '../../../src/lib/ids'
import { doorway } from '../../../src/storage/mongo/failures'
import { openMongo } from '../../../src/storage/mongo/open'
import { freshDatabase, standIn, standInMissing } from '../../support/mongo'
import { group, text } from '../contract/samples'

const soon = '?serverSelectionTimeoutMS=500'

const refusal = (opening: Promise<unknown>) =>
  opening.then(
    () => null,
    (error: Error & { code?: string }) => error,
  )

/** A process that is told to stop answers on for a moment. */
async function freeze(pid: number) {
  process.kill(pid, 'SIGSTOP')
  while (!(await $`ps -o state= -p ${pid}`.text()).startsWith('T'));
}

export function mongoFailures() {
  describe('MongoDB that cannot be used', () => {
    test('names MONGODB_URL and the host at the start, and no password', async () => {
      const error = await refusal(openMongo(`mongodb://ann:s3cret@127.0.0.1:1/natter${soon}`))
      expect(error?.code).toBe('mongodb_unreachable')
      expect(error?.message).toContain('127.0.0.1:1')
      expect(error?.message).toContain('MONGODB_URL')
      expect(Bun.inspect(error)).not.toContain('s3cret')
    })

    for (const url of ['localhost:27017', 'mongodb://ann:s3cret@', 'mongodb://u:s3cret/x@h:1/d', '']) {
      test(`refuses the address ${JSON.stringify(url)} at once`, async () => {
        const error = await refusal(openMongo(url))
        expect(error?.code).toBe('mongodb_unreachable')
        expect(error?.message).toContain('MONGODB_URL')
        expect(Bun.inspect(error)).not.toContain('s3cret')
      })
    }

    test.skipIf(standInMissing !== null)(
      `answers storage_failed while the server is away, and goes on when it is back`,
      async () => {
        const server = await standIn()
        const stores = await openMongo(freshDatabase(server.url) + soon)
        const ann = newId()
        const { id } = await stores.chats.createGroup(...group([ann]))
        await stores.messages.append(text(id, ann))
        await server.stop()

        const calls = [stores.messages.append(text(id, ann)), stores.users.byId(ann), stores.ping()]
        for (const error of (await Promise.all(calls.map(refusal))) as (AppError | null)[]) {
          expect(error).toBeInstanceOf(AppError)
          expect(error).toMatchObject({ status: 503, code: 'storage_failed' })
          expect(error?.detail).not.toContain('127.0.0.1')
          expect(error?.cause).toBeInstanceOf(Error)
        }

        const port = Number(new URL(server.url).port)
        const back = await standIn({ port })
        await stores.ping()
        expect(await stores.users.byId(ann)).toBeNull()
        await stores.close()
        expect(await refusal(stores.ping())).toMatchObject({ code: 'storage_failed' })
        await back.stop()
      },
      30_000,
    )

    test('takes an error of the connection for one of the store, and leaves others as they are', async () => {
      const door = doorway()
      const reset = Object.assign(new Error('write ECONNRESET'), { syscall: 'write', code: 'ECONNRESET' })
      const own = new AppError(409, 'mine', 'Mine.')
      expect(await refusal(door.pass(() => Promise.reject(reset)))).toMatchObject({ code: 'storage_failed' })
      expect(await refusal(door.pass(() => Promise.reject(own)))).toBe(own)
    })

    test.skipIf(standInMissing !== null)(
      'gives up within ten seconds where the server does not answer, and goes on when it does',
      async () => {
        const server = await standIn()
        const stores = await openMongo(freshDatabase(server.url))
        const ann = newId()
        const { id } = await stores.chats.createGroup(...group([ann]))
        const message = text(id, ann)
        await freeze(server.process.pid)
        const begun = performance.now()
        const calls = [stores.messages.append(message), stores.users.byId(ann), stores.ping()]
        for (const error of await Promise.all(calls.map(refusal)))
          expect(error).toMatchObject({ status: 503, code: 'storage_failed' })
        expect(performance.now() - begun).toBeLessThan(14_000)
        server.process.kill('SIGCONT')
        await stores.messages.settled()
        expect((await stores.messages.append(message))?.message.seq).toBe(1)
        await stores.close()
        await server.stop()
      },
      40_000,
    )
  })
}
