// Uploading: what a file is, what it is called, what is refused; and that nothing is left of what failed.
import { describe, expect, test } from 'bun:test'
import {
  blobsOf,
  byHand,
  END,
  fetched,
  FILM,
  GIF,
  lineTo,
  part,
  requestOf,
  sendForm,
  upload,
  uploaded,
  uploadHead,
  VOICE,
} from '../support/files'
import { bomb, colourAt, GREEN, jpegOf, pngOf, scene, turned } from '../support/pictures'
import { call } from '../support/raw'
import { world } from '../support/world'

const MB = 1024 * 1024
const HTML = '<!doctype html><script>alert(1)</script>'
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
const near = (colour: number[], wanted: number[]) =>
  colour.every((value, i) => Math.abs(value - (wanted[i] as number)) < 40)

describe('what a file is', () => {
  test('is told by its bytes, never by its name', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const png = await pngOf(scene(40, 30))
    const cases: [Uint8Array | string, string, string, string][] = [
      [png, 'a.txt', 'image', 'image/png'],
      [GIF, 'a.exe', 'image', 'image/gif'],
      [FILM, 'x', 'video', 'video/mp4'],
      [VOICE, 'voice.bin', 'audio', 'audio/webm'],
      [HTML, 'cat.png', 'file', 'application/octet-stream'],
      [SVG, 'cat.png', 'file', 'application/octet-stream'],
      [`<?xml version="1.0"?>${SVG}`, 'cat.svg', 'file', 'application/octet-stream'],
      ['hello', 'a.jpg', 'file', 'application/octet-stream'],
      ['%PDF-1.7 hello', 'a.pdf', 'file', 'application/pdf'],
      ['', 'empty', 'file', 'application/octet-stream'],
      [png.subarray(0, png.length / 2), 'half.png', 'file', 'application/octet-stream'],
      [png.subarray(0, 20), 'head.png', 'file', 'application/octet-stream'],
    ]
    for (const [bytes, name, kind, media_type] of cases) {
      const { status, body } = await upload(w, ann, bytes, name)
      expect([status, body.name, body.kind, body.media_type]).toEqual([201, name, kind, media_type])
      const isPicture = kind === 'image'
      expect(['width' in body, 'height' in body, 'placeholder' in body]).toEqual(Array(3).fill(isPicture))
      if (!isPicture) expect(body.size).toBe(Buffer.byteLength(bytes as string))
    }
  })

  test('a page or drawing with scripts is saved, never shown, whatever it is called', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    for (const bytes of [HTML, SVG, `<?xml version="1.0"?>${SVG}`]) {
      const { headers } = await fetched(w, ann, await uploaded(w, ann, bytes, 'cat.png'))
      expect(headers.get('content-type')).toBe('application/octet-stream')
      expect(headers.get('content-disposition')).toStartWith('attachment;')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('content-security-policy')).toBe("sandbox; default-src 'none'")
    }
  })

  test('a picture is made anew: what is hidden in it or behind it is gone', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const png = Buffer.concat([await pngOf(scene(64, 64)), Buffer.from(HTML)])
    const jpeg = turned(await jpegOf(scene(64, 64)), 1)
    const webp = Buffer.concat([await new Bun.Image(scene(64, 64)).webp().bytes(), Buffer.from(HTML)])
    for (const bytes of [png, jpeg, webp]) {
      const id = await uploaded(w, ann, bytes, 'cat')
      const kept = (await fetched(w, ann, id)).bytes.toString('latin1')
      expect(kept).not.toContain('script')
      expect(kept).not.toContain('48.8584')
      expect(kept).not.toContain('Exif')
      expect(near(await colourAt(Buffer.from(kept, 'latin1'), 0.5, 0.1), GREEN)).toBeTrue()
    }
  })

  test('a picture held another way stands upright, with the size it then has', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const { body } = await upload(w, ann, turned(await jpegOf(scene(60, 40)), 6), 'a.jpg')
    expect([body.width, body.height]).toEqual([40, 60])
    const { bytes } = await fetched(w, ann, body.id)
    expect(await new Bun.Image(bytes).metadata()).toMatchObject({ width: 40, height: 60, format: 'jpeg' })
    expect(bytes.length).toBe(body.size)
  })

  test('a picture has a thumbnail and a blur; other files have none', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const { body } = await upload(w, ann, await jpegOf(scene(800, 400)), 'wide.jpg')
    expect(body).toMatchObject({ width: 800, height: 400 })
    expect(body.placeholder).toStartWith('data:image/png;base64,')
    expect(body.placeholder.length).toBeLessThan(2_000)
    const { status, headers, bytes } = await fetched(w, ann, `${body.id}?size=thumb`)
    expect([status, headers.get('content-type')]).toEqual([200, 'image/webp'])
    expect(await new Bun.Image(bytes).metadata()).toEqual({ width: 320, height: 160, format: 'webp' })
    const other = await uploaded(w, ann, 'hello')
    expect((await fetched(w, ann, `${other}?size=thumb`)).status).toBe(404)
    expect((await fetched(w, ann, `${body.id}?size=huge`)).status).toBe(422)
  })

  test('a few bytes that would become 900 million pixels are refused at once, and nothing stays', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const trap = bomb(30_000, 30_000)
    expect(trap.length).toBeLessThan(200_000)
    const { status, body } = await upload(w, ann, trap, 'small.png')
    expect([status, body.errors]).toEqual([422, [{ path: 'body/file', code: 'too_many_pixels' }]])
    expect(await blobsOf(w)).toEqual([])
  })
})

describe('what a file is called', () => {
  test.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\ann\\cat.png', 'cat.png'],
    ['a%22b.txt', 'a"b.txt'],
    ['a%0D%0ASet-Cookie: x', 'aSet-Cookie: x'],
    ['photo\u202egpj.exe', 'photogpj.exe'],
    ['  spaced  ', 'spaced'],
    ['e\u0301te\u0301.txt', 'été.txt'],
    ['日本 👩‍👩‍👧.png', '日本 👩‍👩‍👧.png'],
    ['..', 'file'],
    ['\u0007\u0000', 'file'],
    [`${'x'.repeat(300)}.pdf`, `${'x'.repeat(251)}.pdf`],
  ])('%p is kept as %p', async (name, kept) => {
    await using w = await world()
    const ann = await w.as('ann')
    const { status, body } = await sendForm(w, ann, part(`name="file"; filename="${name}"`, 'hello'), END)
    expect([status, body.name]).toEqual([201, kept])
  })

  test('comes back whole in the header, in a form that cannot be broken out of', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const id = await uploaded(w, ann, 'hello', 'a"; b=c.txt')
    expect((await fetched(w, ann, id)).headers.get('content-disposition')).toBe(
      `attachment; filename="a_; b=c.txt"; filename*=UTF-8''a%22%3B%20b%3Dc.txt`,
    )
    const other = await uploaded(w, ann, 'hello', "Ann's résumé (new)*.txt")
    expect((await fetched(w, ann, other)).headers.get('content-disposition')).toBe(
      `attachment; filename="Ann's r_sum_ (new)*.txt"; filename*=UTF-8''Ann%27s%20r%C3%A9sum%C3%A9%20%28new%29%2A.txt`,
    )
  })
})

describe('forms that are none', () => {
  test.each([
    ['no file', [part('name="text"', 'hello'), END], 422, 'invalid'],
    ['a text in the place of the file', [part('name="file"', 'hello'), END], 422, 'invalid'],
    ['a file in another field', [part('name="upload"; filename="a"', 'hello'), END], 422, 'invalid'],
    [
      'two files',
      [part('name="file"; filename="a"', 'one'), part('name="file"; filename="b"', 'two'), END],
      422,
      'invalid',
    ],
    [
      'the file, then thousands of parts',
      [part('name="file"; filename="a"', 'one'), ...Array(5_000).fill(part('name="x"', 'y')), END],
      400,
      'bad_form',
    ],
    ['thousands of parts', [...Array(5_000).fill(part('name="x"', 'y')), END], 400, 'bad_form'],
    ['no end', [part('name="file"; filename="a"', 'hello')], 400, 'bad_form'],
    ['an end in the middle of a head', [Buffer.from('--XX\r\nContent-Dis')], 400, 'bad_form'],
    ['nothing', [], 400, 'bad_form'],
    ['another boundary', [Buffer.from('--YY\r\n\r\n'), END.subarray(0, 4)], 400, 'bad_form'],
    [
      'a header of 3 MB without the rest',
      [Buffer.from('--XX\r\nX: '), Buffer.alloc(3 * MB, 0x61), END],
      400,
      'bad_form',
    ],
    [
      'thousands of headers before the name',
      [
        Buffer.from(`--XX\r\n${'X: y\r\n'.repeat(20_000)}`),
        part('name="file"; filename="a"', 'x').subarray(6),
        END,
      ],
      422,
      'invalid',
    ],
  ] as [string, Buffer[], number, string][])('%s', async (_, parts, status, code) => {
    await using w = await world()
    const ann = await w.as('ann')
    const answer = await sendForm(w, ann, ...parts)
    expect([answer.status, answer.body.code]).toEqual([status, code])
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(await blobsOf(w)).toEqual([])
    expect((await ann.api.files.get({ query: {} })).data?.items).toEqual([])
  })

  test.each([
    ['application/json', 415],
    ['multipart/form-data', 400],
    ['multipart/form-data; boundary=', 400],
    [`multipart/form-data; boundary=${'x'.repeat(200)}`, 400],
    ['multipart/mixed; boundary=XX', 415],
    ['', 415],
  ])('of the type %p', async (type, status) => {
    await using w = await world()
    const ann = await w.as('ann')
    const body = part('name="file"; filename="a"', 'hello') as unknown as BodyInit
    const answer = await call(w.url, 'POST', '/files', {
      token: ann.token,
      headers: { 'content-type': type },
      body,
    })
    expect(answer.status).toBe(status)
  })

  test('small fields beside the file are passed over', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const form = [
      part('name="caption"', 'Hi'),
      part('name="file"; filename="a"', 'one'),
      part('name="x"', 'y'),
    ]
    expect((await sendForm(w, ann, ...form, END)).status).toBe(201)
  })
})

describe('how much', () => {
  test('a file may be as large as the setting says, and not a byte larger', async () => {
    await using w = await world({ MAX_UPLOAD_MB: 1 })
    const ann = await w.as('ann')
    expect((await upload(w, ann, Buffer.alloc(MB), 'all.bin')).body.size).toBe(MB)
    const { status, body, headers } = await upload(w, ann, Buffer.alloc(MB + 1), 'more.bin')
    expect([status, body.code]).toEqual([413, 'too_large'])
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect(await blobsOf(w)).toHaveLength(1)
  })

  test('a length that is announced too large is refused before a byte of it comes', async () => {
    await using w = await world({ MAX_UPLOAD_MB: 1 })
    const ann = await w.as('ann')
    for (const length of [2 * MB, 99_999_999_999]) {
      const answer = await byHand(w, uploadHead(ann, length), [])
      expect(answer).toStartWith('HTTP/1.1 413')
      expect(answer).toContain('"code":"too_large"')
    }
  })

  test('the same without a length told, as soon as it is too much', async () => {
    await using w = await world({ MAX_UPLOAD_MB: 1 })
    const ann = await w.as('ann')
    const head = uploadHead(ann, 0).filter(line => !line.startsWith('Content-Length'))
    const chunk = Buffer.concat([Buffer.from('80000\r\n'), Buffer.alloc(0x80000), Buffer.from('\r\n')])
    const first = part('name="file"; filename="a"', '').subarray(0, -2)
    const begin = Buffer.concat([Buffer.from(`${first.length.toString(16)}\r\n`), first, Buffer.from('\r\n')])
    const answer = await byHand(w, [...head, 'Transfer-Encoding: chunked'], [begin, chunk, chunk, chunk])
    expect(answer).toStartWith('HTTP/1.1 413')
    expect(await blobsOf(w)).toEqual([])
  })

  test('what goes before, beside and after the file is bounded as well', async () => {
    await using w = await world({ MAX_UPLOAD_MB: 1 })
    const ann = await w.as('ann')
    const head = uploadHead(ann, 0).filter(line => !line.startsWith('Content-Length'))
    const chunk = Buffer.concat([Buffer.from('80000\r\n'), Buffer.alloc(0x80000, 0x20), Buffer.from('\r\n')])
    const file = part('name="file"; filename="a"', 'hello')
    const beginnings = ['', part('name="text"', '').subarray(0, -2), Buffer.concat([file, END])]
    for (const begin of beginnings.map(bytes => Buffer.from(bytes as string))) {
      const first = Buffer.concat([
        Buffer.from(`${begin.length.toString(16)}\r\n`),
        begin,
        Buffer.from('\r\n'),
      ])
      const parts = [...(begin.length > 0 ? [first] : []), chunk, chunk, chunk]
      expect(await byHand(w, [...head, 'Transfer-Encoding: chunked'], parts)).toStartWith('HTTP/1.1 413')
    }
    expect(await blobsOf(w)).toEqual([])
  })

  test('other routes keep to small bodies, whatever an upload may have', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const json = { content: 'x'.repeat(300_000) }
    expect((await call(w.url, 'POST', '/chats', { token: ann.token, json })).status).toBe(413)
    const head = [
      'POST /chats HTTP/1.1',
      `Authorization: Bearer ${ann.token}`,
      'Content-Type: application/json',
    ]
    const chunk = Buffer.concat([Buffer.from('40000\r\n'), Buffer.alloc(0x40000, 0x20), Buffer.from('\r\n')])
    const answer = await byHand(
      w,
      [...head, 'Transfer-Encoding: chunked', 'Connection: close'],
      [chunk, chunk],
    )
    expect(answer).toStartWith('HTTP/1.1 413')
    const small = Buffer.from('2\r\n{}\r\n0\r\n\r\n')
    const taken = await byHand(w, [...head, 'Transfer-Encoding: chunked', 'Connection: close'], [small])
    expect(taken).toStartWith('HTTP/1.1 422')
  })

  test('what all my files have together is bounded, exactly, however many come at once', async () => {
    await using w = await world({ USER_QUOTA_MB: 1 })
    const [ann, bob] = [await w.as('ann'), await w.as('bob')]
    const tenth = Buffer.alloc(MB / 8)
    const answers = await Promise.all(Array.from({ length: 16 }, () => upload(w, ann, tenth)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(8)
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 507]))
    expect(await w.stores.files.usedBy(ann.id)).toBe(MB)
    expect(await blobsOf(w)).toHaveLength(8)
    expect((await upload(w, ann, 'x')).body).toMatchObject({ status: 507, code: 'quota_exceeded' })
    expect((await upload(w, bob, tenth)).status).toBe(201)
    const { data } = await ann.api.files.get({ query: { limit: 1 } })
    expect((await ann.api.files({ id: data!.items[0]!.id }).delete()).status).toBe(200)
    expect((await upload(w, ann, tenth)).status).toBe(201)
    expect((await upload(w, ann, 'x')).status).toBe(507)
  })

  test('20 uploads of one person at once, and nobody else has to wait', async () => {
    await using w = await world()
    const [ann, bob] = [await w.as('ann'), await w.as('bob')]
    const first = part('name="file"; filename="a"', 'hello')
    const lines = await Promise.all(Array.from({ length: 25 }, () => lineTo(w)))
    const answers: string[] = []
    for (const line of lines) {
      line.on('data', bytes => answers.push(bytes.toString()))
      line.write(requestOf(w, uploadHead(ann, 10_000), first))
    }
    while (answers.length < 5) await Bun.sleep(5)
    for (const answer of answers) expect(answer).toStartWith('HTTP/1.1 429')
    expect((await upload(w, ann, 'x')).body).toMatchObject({ status: 429, code: 'too_many_uploads' })
    expect((await upload(w, bob, 'x')).status).toBe(201)
    for (const line of lines) line.destroy()
    while ((await upload(w, ann, 'x')).status === 429) await Bun.sleep(5)
  })
})

describe('strangers and lines that break', () => {
  test('who is not signed in uploads nothing', async () => {
    await using w = await world()
    expect((await upload(w, { token: 'x' }, 'hello')).status).toBe(401)
    expect((await call(w.url, 'GET', '/files')).status).toBe(401)
  })

  test('an upload that is cut leaves nothing behind', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const begin = Buffer.concat([part('name="file"; filename="a"', Buffer.alloc(300_000)).subarray(0, -2)])
    for (const bytes of [begin, begin.subarray(0, 30), await pngOf(scene(90, 90))]) {
      await byHand(w, uploadHead(ann, 1_000_000), [bytes], 'cut')
    }
    // The next one ends after them.
    const id = await uploaded(w, ann, 'hello')
    for (let kept = await blobsOf(w); kept.length > 1; kept = await blobsOf(w)) await Bun.sleep(5)
    expect(await blobsOf(w)).toEqual([id])
    expect((await ann.api.files.get({ query: {} })).data?.items).toHaveLength(1)
  })

  test('an upload that falls silent is told so, closed, and leaves nothing behind', async () => {
    await using w = await world({}, { stallMs: 100 })
    const ann = await w.as('ann')
    const begin = part('name="file"; filename="a"', Buffer.alloc(100_000))
    const answer = await byHand(w, uploadHead(ann, 1_000_000), [begin])
    expect(answer).toStartWith('HTTP/1.1 408')
    expect(answer).toContain('"code":"stalled"')
    expect(await blobsOf(w)).toEqual([])
  })

  test('a store that fails is a 500 that says nothing of it', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const { write } = w.stores.blobs
    w.stores.blobs.write = () => Promise.reject(new Error('ENOSPC: /data/files'))
    const { status, body } = await upload(w, ann, 'hello')
    expect([status, body.code]).toEqual([500, 'internal'])
    expect(JSON.stringify(body)).not.toContain('ENOSPC')
    w.stores.blobs.write = write
    expect((await upload(w, ann, 'hello')).status).toBe(201)
  })
})
