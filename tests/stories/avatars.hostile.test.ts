// What people send instead of a picture: refused with the right code, and nothing of it is kept.
import { expect, test } from 'bun:test'
import { connect as connectTcp } from 'node:net'
import { formWith, look, setPicture } from '../support/avatars'
import { bomb, jpegOf, pngOf, painted, RED, scene, withProfile } from '../support/pictures'
import { call, type Answer } from '../support/raw'
import { world, type World } from '../support/world'

const MB = 1024 * 1024

const isNothingKept = async ({ stores }: World) =>
  expect(await stores.blobs.written(Date.now() + 86_400_000, null, 10)).toEqual([])

/** A refusal says what is wrong with a code, and never repeats what was sent. */
function isRefused({ status, body, headers }: Answer, wanted: number, code: string) {
  const codes = [body.code, ...(body.errors ?? []).map((each: { code: string }) => each.code)]
  expect([status, codes]).toEqual([wanted, expect.arrayContaining([code])])
  expect(headers.get('content-type')).toBe('application/problem+json')
  expect(JSON.stringify(body)).not.toContain('alert')
}

test('what is no picture is refused, whatever it is called', async () => {
  await using w = await world()
  const ann = await w.as('ann')
  const send = (body: string | Uint8Array, type?: string) =>
    call(w.url, 'PUT', '/users/me/avatar', {
      token: ann.token,
      body: body as BodyInit,
      headers: type ? { 'content-type': type } : {},
    })
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
  const html = '<!doctype html><script>alert(1)</script>'
  for (const text of [svg, html, 'hello', '\0'.repeat(1000), `GIF${html}`, `<!--\xff\xd8\xff-->${html}`]) {
    const bytes = Buffer.from(text, 'latin1')
    isRefused(await send(bytes, 'image/jpeg'), 415, 'unsupported_media_type')
    isRefused(await setPicture(w.url, ann, bytes), 415, 'unsupported_media_type')
  }
  isRefused(await send(svg, 'image/svg+xml'), 415, 'unsupported_media_type')
  isRefused(await send(Buffer.from(`GIF89a${html}`), 'image/gif'), 422, 'too_many_pixels')
  isRefused(
    await send(
      painted(9, 9, () => RED),
      'image/bmp',
    ),
    415,
    'unsupported_media_type',
  )
  for (const type of ['application/json', 'text/html', 'application/x-www-form-urlencoded', 'nonsense'])
    isRefused(await send(await pngOf(scene(9, 9)), type), 415, 'unsupported_media_type')
  await isNothingKept(w)
})

test('a picture of too many pixels or broken ones is refused', async () => {
  await using w = await world()
  const ann = await w.as('ann')
  isRefused(await setPicture(w.url, ann, bomb(30_000, 30_000)), 422, 'too_many_pixels')
  isRefused(await setPicture(w.url, ann, bomb(60_000, 1)), 422, 'too_many_pixels')
  isRefused(await setPicture(w.url, ann, (await pngOf(scene(99, 99))).slice(0, 200)), 422, 'broken_picture')
  await isNothingKept(w)
  // What a profile of megabytes leaves is a picture like others.
  const fat = withProfile(await jpegOf(scene(99, 99)), 3 * MB)
  const { status, body } = await setPicture(w.url, ann, fat)
  expect(status).toBe(200)
  expect((await look(w.url, body.avatar)).bytes.length).toBeLessThan(20_000)
})

test('forms without a file, and bodies that are no form, are refused', async () => {
  await using w = await world()
  const ann = await w.as('ann')
  const send = (body: BodyInit | undefined, type?: string) =>
    call(w.url, 'PUT', '/users/me/avatar', {
      token: ann.token,
      body,
      headers: type ? { 'content-type': type } : {},
    })
  const picture = await jpegOf(scene(99, 99))
  const text = new FormData()
  text.set('file', 'alert(1)')
  isRefused(await send(undefined), 422, 'required')
  isRefused(await send('', 'image/png'), 422, 'required')
  isRefused(await send(text), 422, 'required')
  isRefused(await send(formWith(picture, 'picture')), 422, 'required')
  isRefused(await send(formWith(new Uint8Array())), 422, 'required')
  isRefused(await send('--x\r\nalert', 'multipart/form-data; boundary=x'), 400, 'bad_form')
  isRefused(await send('alert', 'multipart/form-data'), 400, 'bad_form')
  isRefused(await send('alert', 'multipart/form-data; boundary='), 400, 'bad_form')
  await isNothingKept(w)
  const named = await call(w.url, 'PUT', '/users/me/avatar', {
    token: ann.token,
    body: formWith(picture, 'file', '../../../etc/passwd\0.html'),
  })
  expect(named.status).toBe(200)
})

test('more than 5 MB are refused, told or not', async () => {
  await using w = await world()
  const ann = await w.as('ann')
  const headers = { 'content-type': 'image/png' }
  const send = (body: BodyInit) => call(w.url, 'PUT', '/users/me/avatar', { token: ann.token, body, headers })
  isRefused(await send(new Uint8Array(5 * MB + 1)), 413, 'too_large')
  isRefused(await send(new Uint8Array(5 * MB)), 415, 'unsupported_media_type')
  isRefused(await setPicture(w.url, ann, new Uint8Array(5 * MB + 1)), 413, 'too_large')
  isRefused(await setPicture(w.url, ann, new Uint8Array(5 * MB)), 415, 'unsupported_media_type')
  let sent = 0
  const untold = new ReadableStream({
    pull(controller) {
      if (sent++ < 6) controller.enqueue(new Uint8Array(MB))
      else controller.close()
    },
  })
  isRefused(await send(untold), 413, 'too_large')
  await isNothingKept(w)
})

test('an upload that is cut leaves nothing, and nothing waits for it', async () => {
  await using w = await world()
  const ann = await w.as('ann')
  const { hostname, port } = new URL(w.url)
  const cut = () =>
    new Promise<void>(resolve => {
      const socket = connectTcp(Number(port), hostname, () => {
        socket.write(
          `PUT /users/me/avatar HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${ann.token}\r\n` +
            'Content-Type: image/jpeg\r\nContent-Length: 100000\r\n\r\n',
        )
        socket.write(Buffer.alloc(50_000), () => socket.destroy())
      })
      socket.on('close', () => resolve())
    })
  // More than may be under way at once: each gives its place back.
  for (let i = 0; i < 40; i++) await cut()
  let answer = await setPicture(w.url, ann, await jpegOf(scene(99, 99)))
  while (answer.status === 503) answer = await setPicture(w.url, ann, await jpegOf(scene(99, 99)))
  expect(answer.status).toBe(200)
  expect(await w.stores.blobs.written(Date.now() + 86_400_000, null, 10)).toHaveLength(2)
})

test('of a hundred at once some are told to come back later, and all others are shown', async () => {
  await using w = await world()
  const ann = await w.as('ann')
  const picture = await jpegOf(scene(1200, 900))
  const answers = await Promise.all(Array.from({ length: 100 }, () => setPicture(w.url, ann, picture)))
  const statuses = new Set(answers.map(({ status }) => status))
  expect([...statuses].toSorted()).toEqual([200, 503])
  for (const { status, headers, body } of answers)
    if (status === 503) expect([headers.get('retry-after'), body.code]).toEqual(['2', 'busy'])
  const { data } = await ann.api.users({ id: 'me' }).get()
  expect((await look(w.url, data!.avatar!)).headers.get('content-type')).toBe('image/webp')
}, 30_000)
