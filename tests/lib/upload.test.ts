// Uploads read into memory: bounded in number and in time.
import { expect, test } from 'bun:test'
import { uploads } from '../../src/lib/upload'

const endless = () => {
  const body = new ReadableStream({ pull: () => new Promise(() => {}) })
  return new Request('http://localhost/', { method: 'PUT', body, headers: { 'content-type': 'image/png' } })
}
const short = () => new Request('http://localhost/', { method: 'PUT', body: Buffer.from('hello') })
const sizeOf = async (read: () => Promise<Uint8Array>) => (await read()).length

test('who sends too slowly is let go, and gives the place to others', async () => {
  const upload = uploads('file', 100, 1, 50)
  const slow = upload(endless(), sizeOf).catch(error => error)
  await expect(upload(short(), sizeOf)).rejects.toMatchObject({ status: 503, code: 'busy', retryAfter: 2 })
  expect(await slow).toMatchObject({ status: 400, code: 'too_slow' })
  expect(await upload(short(), sizeOf)).toBe(5)
})

test('a body that is not wanted after all is not read', async () => {
  const upload = uploads('file', 100, 1)
  expect(await upload(endless(), async () => 'not allowed')).toBe('not allowed')
})
