// How much people upload: so much and no more, and nothing grows on the way.
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { gzipSync } from 'node:zlib'
import { setPicture } from '../support/avatars'
import { fetched, upload, uploaded } from '../support/files'
import { arrive } from '../support/people'
import { bomb, painted, pngOf, RED } from '../support/pictures'
import { call } from '../support/raw'
import { newHome, start } from '../support/server'
import { world } from '../support/world'

setDefaultTimeout(60_000)

const freely = (changed = {}) => world({ RATE_LIMITS: false, ...changed })
const png = () => pngOf(painted(8, 8, () => RED))

describe('49: how much', () => {
  const MB = 1024 * 1024

  test('49: a byte above the size is 413, one above the quota 507', async () => {
    await using w = await freely({ MAX_UPLOAD_MB: 1, USER_QUOTA_MB: 2 })
    const alice = await w.as('alice')
    expect((await upload(w, alice, Buffer.alloc(MB + 1, 1))).status).toBe(413)
    for (let i = 0; i < 2; i++) expect((await upload(w, alice, Buffer.alloc(MB, 1))).status).toBe(201)
    expect((await upload(w, alice, Buffer.alloc(1, 1))).status).toBe(507)
    const many = await Promise.all(Array.from({ length: 10 }, () => upload(w, alice, 'x')))
    expect(new Set(many.map(({ status }) => status))).toEqual(new Set([507]))
  })

  test('49: many at once do not slip past the quota together', async () => {
    await using w = await freely({ MAX_UPLOAD_MB: 1, USER_QUOTA_MB: 2 })
    const alice = await w.as('alice')
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => upload(w, alice, Buffer.alloc(MB - 1, 1))),
    )
    expect(answers.filter(({ status }) => status === 201).length).toBeLessThanOrEqual(2)
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 507]))
  })

  test('49: a picture that a few KB would make into gigabytes is 422, and costs no memory', async () => {
    await using home = await newHome()
    const server = await start({ ...home, LOG_LEVEL: 'silent', RATE_LIMITS: 'off' })
    const alice = await arrive(server.url, 'alice')
    const memory = async () =>
      Number(/VmHWM:\s+(\d+)/.exec(await Bun.file(`/proc/${server.process.pid}/status`).text())?.[1]) / 1024
    await uploaded(server, alice, await png(), 'warm.png')
    const large = bomb(30_000, 30_000)
    const before = process.platform === 'linux' ? await memory() : 0
    expect((await upload(server, alice, large, 'x.png')).status).toBe(422)
    expect((await setPicture(server.url, alice, large)).status).toBe(422)
    if (process.platform === 'linux') expect((await memory()) - before).toBeLessThan(60)
    server.process.kill()
    await server.process.exited
  })

  test('49: an archive is kept as it came, and never unpacked', async () => {
    await using w = await freely()
    const alice = await w.as('alice')
    const packed = gzipSync(Buffer.alloc(50 * MB))
    expect(packed.length).toBeLessThan(100_000)
    const { body } = await upload(w, alice, packed, 'all.tar.gz')
    expect(body).toMatchObject({ size: packed.length })
    const { headers, bytes } = await fetched(w, alice, body.id)
    expect(headers.get('content-encoding')).toBeNull()
    expect(bytes.equals(packed)).toBeTrue()
    // Nor is a body that says of itself that it is packed: its bytes are no JSON.
    const packing = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
    const words = gzipSync('{"username":"alice","password":"x"}')
    expect((await call(w.url, 'POST', '/auth/login', { headers: packing, body: words })).status).toBe(400)
  })
})
