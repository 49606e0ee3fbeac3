// Uploads and downloads against a process of its own: what they cost in memory, and what a kill leaves.
import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { blobNames, fetched, formOf, lineTo, part, requestOf, uploadHead } from '../support/files'
import { arrive } from '../support/people'
import { newHome, start, type Server } from '../support/server'

const MB = 1024 * 1024
const AT_ONCE = 10
const SIZE = 25 * MB

/** Resident memory of the process, in bytes (Linux). */
function residentOf({ process }: Server): number {
  const status = readFileSync(`/proc/${process.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024
}

/** The most that is held while something runs. */
async function mostDuring(server: Server, run: () => Promise<unknown>): Promise<number> {
  let most = residentOf(server)
  const watch = setInterval(() => (most = Math.max(most, residentOf(server))), 5)
  await run()
  clearInterval(watch)
  return most
}

/** Reads to the end without holding what was read; answers the number of bytes. */
async function drain(url: string, token: string): Promise<number> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  let size = 0
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) size += chunk.length
  return size
}

/** On MongoDB the driver copies each chunk several times, and when that is collected depends on the machine’s load. */
const MOST = process.env.TEST_STORE === 'mongodb' ? 600 : 100

test.skipIf(process.platform !== 'linux')(
  `ten files of 25 MB go up and come down at once within ${MOST} MB`,
  async () => {
    await using home = await newHome()
    const server = await start({ ...home, LOG_LEVEL: 'silent' })
    const ann = await arrive(server.url, 'ann')
    const bytes = crypto.getRandomValues(new Uint8Array(65_536))
    const large = Buffer.concat(Array.from({ length: SIZE / bytes.length }, () => bytes))
    const send = async (size: number) => {
      const body = formOf(large.subarray(0, size), 'large.bin') as unknown as BodyInit
      const headers = { authorization: `Bearer ${ann.token}` }
      const response = await fetch(`${server.url}/files`, { method: 'POST', headers, body })
      expect(response.status).toBe(201)
      return ((await response.json()) as { id: string }).id
    }
    await drain(`${server.url}/files/${await send(MB)}`, ann.token)
    const idle = residentOf(server)

    const ids: string[] = []
    const up = await mostDuring(server, async () => {
      ids.push(...(await Promise.all(Array.from({ length: AT_ONCE }, () => send(SIZE)))))
    })
    const down = await mostDuring(server, async () => {
      const sizes = await Promise.all(ids.map(id => drain(`${server.url}/files/${id}`, ann.token)))
      expect(sizes).toEqual(ids.map(() => SIZE))
    })
    const both = await mostDuring(server, () =>
      Promise.all(
        ids.map(async (id, i) => (i % 2 ? send(SIZE) : drain(`${server.url}/files/${id}`, ann.token))),
      ),
    )
    const grown = [up, down, both].map(most => Math.round((most - idle) / MB))
    expect(Math.max(...grown), `MB above idle, up, down, both: ${grown.join(', ')}`).toBeLessThan(MOST)
    server.process.kill()
    await server.process.exited
  },
  180_000,
)

const EXPORTED = 4

test.skipIf(process.platform !== 'linux')(
  `an export of ${EXPORTED} files of 25 MB takes no more memory than one`,
  async () => {
    await using home = await newHome()
    const server = await start({ ...home, LOG_LEVEL: 'silent' })
    const ann = await arrive(server.url, 'ann')
    const large = crypto
      .getRandomValues(Buffer.alloc(65_536))
      .toString('latin1')
      .repeat(SIZE / 65_536)
    const bytes = Buffer.from(large, 'latin1')
    for (let i = 0; i < EXPORTED; i++) {
      const body = formOf(bytes, `${i}.bin`) as unknown as BodyInit
      const headers = { authorization: `Bearer ${ann.token}` }
      expect((await fetch(`${server.url}/files`, { method: 'POST', headers, body })).status).toBe(201)
    }
    const idle = residentOf(server)
    const most = await mostDuring(server, async () => {
      expect(await drain(`${server.url}/users/me/export`, ann.token)).toBeGreaterThan(EXPORTED * SIZE)
    })
    const grown = Math.round((most - idle) / MB)
    expect(grown, 'MB above idle').toBeLessThan(80)
    server.process.kill()
    await server.process.exited
  },
  60_000,
)

test('a process that is killed in the middle of an upload has no such file when it is back', async () => {
  await using home = await newHome()
  const first = await start(home)
  const ann = await arrive(first.url, 'ann')
  const form = formOf(Buffer.alloc(1_000), 'whole.bin') as unknown as BodyInit
  const headers = { authorization: `Bearer ${ann.token}` }
  const whole = await fetch(`${first.url}/files`, { method: 'POST', headers, body: form })
  const { id } = (await whole.json()) as { id: string }
  const line = await lineTo(first)
  line.write(
    requestOf(first, uploadHead(ann, 9_000_000), part('name="file"; filename="a"', Buffer.alloc(3 * MB))),
  )
  while ((await blobNames(home)).length < 2) await Bun.sleep(5)
  first.process.kill('SIGKILL')
  await first.process.exited
  line.destroy()

  const second = await start(home)
  const list = await fetch(`${second.url}/files`, { headers })
  expect(((await list.json()) as { items: { id: string }[] }).items.map(file => file.id)).toEqual([id])
  expect((await fetched(second, ann, id)).bytes.length).toBe(1_000)
  second.process.kill()
  await second.process.exited
})
