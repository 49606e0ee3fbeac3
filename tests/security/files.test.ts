// What people upload: told by its bytes, called by no path, and harmless when it is opened.
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { groupChat, say } from '../support/chats'
import { setPicture } from '../support/avatars'
import { fetched, FILM, GIF, upload, uploaded, VOICE } from '../support/files'
import { jpegOf, painted, pngOf, RED } from '../support/pictures'
import { world } from '../support/world'

setDefaultTimeout(60_000)

const freely = (changed = {}) => world({ RATE_LIMITS: false, ...changed })
const png = () => pngOf(painted(8, 8, () => RED))

const HTML = '<!doctype html><script>alert(1)</script>'
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

/** Shown within a page; all else is for saving. */
const SHOWN = /^(image\/(png|jpeg|gif|webp)|video\/(mp4|webm|ogg|quicktime)|audio\/[\w-]+)$/

describe('46: what a file is', () => {
  test('46: follows from its bytes, not from its name or the header of its part: a page called x.png is for saving', async () => {
    await using w = await freely()
    const alice = await w.as('alice')
    for (const bytes of [HTML, SVG, `<?xml version="1.0"?>${SVG}`, '%PDF-1.7 x', '\ufeff' + HTML]) {
      const { status, body } = await upload(w, alice, bytes, 'x.png')
      expect(status).toBe(201)
      expect(body.kind ?? 'file').toBe('file')
      const { headers } = await fetched(w, alice, body.id)
      expect(headers.get('content-type')).toBe('application/octet-stream')
      expect(headers.get('content-disposition')).toStartWith('attachment')
    }
    const picture = await fetched(w, alice, await uploaded(w, alice, await png(), 'page.html'))
    expect(picture.headers.get('content-type')).toBe('image/png')
  })

  test('46: a picture with a page behind it is made anew, without the page', async () => {
    await using w = await freely()
    const alice = await w.as('alice')
    for (const bytes of [await png(), await jpegOf(painted(8, 8, () => RED))]) {
      const { status, bytes: kept } = await fetched(
        w,
        alice,
        await uploaded(w, alice, Buffer.concat([bytes, Buffer.from(HTML)]), 'x.html'),
      )
      expect(status).toBe(200)
      expect(kept.includes('<script>')).toBeFalse()
    }
    // A GIF stays as it came: it is a picture by its header, and by `nosniff` nothing else.
    const gif = await fetched(
      w,
      alice,
      await uploaded(w, alice, Buffer.concat([GIF, Buffer.from(HTML)]), 'x.html'),
    )
    expect(gif.headers.get('content-type')).toBe('image/gif')
    expect(gif.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('46: nor is a picture of a person anything but a picture', async () => {
    await using w = await freely()
    const alice = await w.as('alice')
    for (const bytes of [HTML, SVG, `GIF89a${HTML}`])
      expect((await setPicture(w.url, alice, Buffer.from(bytes))).status).toBeOneOf([415, 422])
  })
})

test('47: every file is answered with a type of the list, and with headers that let nothing of it run', async () => {
  await using w = await freely()
  const alice = await w.as('alice')
  const chat = await groupChat(alice)
  for (const bytes of [HTML, SVG, GIF, VOICE, FILM, await png(), 'plain', Buffer.from('504b0304', 'hex')]) {
    const file = await uploaded(w, alice, bytes, 'x.html')
    await say(alice, chat, 'look', { attachments: [{ file_id: file }] })
    for (const path of [file, `${file}?size=thumb`]) {
      const { status, headers } = await fetched(w, alice, path)
      if (status === 404) continue
      const type = headers.get('content-type') ?? ''
      const isShown = SHOWN.test(type)
      if (!isShown) expect(type).toBe('application/octet-stream')
      expect(headers.get('content-disposition')).toStartWith(isShown ? 'inline' : 'attachment')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('content-security-policy')).toBe("sandbox; default-src 'none'")
      // Pages of other origins show files by tickets, so the policy lets them; there is nothing without one.
      expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin')
      expect(headers.get('cache-control')).toStartWith('private')
    }
  }
})

test('48: names of files are no paths and no headers, and come back by RFC 6266', async () => {
  await using w = await freely()
  const alice = await w.as('alice')
  const names: [string, string][] = [
    ['../../x', 'x'],
    ['..\\..\\x.exe', 'x.exe'],
    ['/etc/passwd', 'passwd'],
    ['a"\r\nSet-Cookie: b', 'a"Set-Cookie: b'],
    ['é ü 漢.txt', 'é ü 漢.txt'],
    ['gpj.\u202eexe', 'gpj.exe'],
    ['..', 'file'],
    ['x'.repeat(300) + '.txt', 'x'.repeat(251) + '.txt'],
  ]
  for (const [name, kept] of names) {
    const { body } = await upload(w, alice, 'ten', name)
    expect(body.id).toMatch(/^[0-9a-f]{24}$/)
    expect(body.name).toBe(kept)
    const { headers } = await fetched(w, alice, body.id)
    const disposition = headers.get('content-disposition') ?? ''
    expect(disposition).toMatch(/^attachment; filename="[\x20-\x7e]*"; filename\*=UTF-8''[\w.!#$&+^`|~%-]+$/)
    expect(headers.get('set-cookie')).toBeNull()
    expect(decodeURIComponent(disposition.split("UTF-8''")[1] as string)).toBe(kept)
  }
})
