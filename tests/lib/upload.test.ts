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
  const slow = upload(endless(), 'slow', sizeOf).catch(error => error)
  await expect(upload(short(), 'ann', sizeOf)).rejects.toMatchObject({
    status: 503,
    code: 'busy',
    retryAfter: 2,
  })
  expect(await slow).toMatchObject({ status: 400, code: 'too_slow' })
  expect(await upload(short(), 'ann', sizeOf)).toBe(5)
})

test('a body that is not wanted after all is not read', async () => {
  const upload = uploads('file', 100, 1)
  expect(await upload(endless(), 'ann', async () => 'not allowed')).toBe('not allowed')
})

test('one person does not take all places', async () => {
  const upload = uploads('file', 100, 100, 50)
  const slow = Array.from({ length: 4 }, () => upload(endless(), 'slow', sizeOf).catch(error => error))
  await expect(upload(short(), 'slow', sizeOf)).rejects.toMatchObject({ status: 503, code: 'busy' })
  expect(await upload(short(), 'ann', sizeOf)).toBe(5)
  for (const refused of await Promise.all(slow)) expect(refused).toMatchObject({ code: 'too_slow' })
  expect(await upload(short(), 'slow', sizeOf)).toBe(5)
})
