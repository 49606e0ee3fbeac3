// Smaller pictures made of those that people send, and what is refused instead of being decoded.
import { describe, expect, test } from 'bun:test'
import { createPictures, MAX_PIXELS } from '../../src/files/pictures'
import {
  BLUE,
  bomb,
  colourAt,
  GREEN,
  jpegOf,
  painted,
  pixelAt,
  pngOf,
  RED,
  scene,
  turned,
  withProfile,
  type Colour,
} from '../support/pictures'

const pictures = createPictures()
const sizeOf = async (bytes: Uint8Array) => {
  const { format, width, height } = await pictures.inspect(bytes)
  return `${format} ${width}x${height}`
}
const square = async (bytes: Uint8Array, size = 256) =>
  (await pictures.squares(bytes, [size]))[0] as Uint8Array

/** WebP and JPEG are not exact. */
const isNear = (found: Colour, wanted: Colour) =>
  found.every((part, i) => Math.abs(part - (wanted[i] ?? 0)) < 40)

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'taken',
    error => error,
  )

describe('a square of a picture', () => {
  test.each([
    [900, 500],
    [500, 900],
    [301, 300],
    [256, 256],
    [1200, 160],
  ])('of %d by %d pixels is its middle', async (width, height) => {
    const made = await square(await pngOf(scene(width, height)), 128)
    expect(await sizeOf(made)).toBe('webp 128x128')
    const places: [number, number, Colour][] = [
      [0.03, 0.5, RED],
      [0.97, 0.5, BLUE],
      [0.03, 0.97, RED],
      [0.97, 0.97, BLUE],
      [0.5, 0.1, GREEN],
    ]
    for (const [across, down, colour] of places)
      expect([across, down, isNear(await colourAt(made, across, down), colour)]).toEqual([across, down, true])
  })

  test('comes in all sizes asked for, and is not enlarged', async () => {
    const made = await pictures.squares(await pngOf(scene(300, 200)), [256, 64, 200, 1])
    expect(await Promise.all(made.map(sizeOf))).toEqual([
      'webp 200x200',
      'webp 64x64',
      'webp 200x200',
      'webp 1x1',
    ])
    expect(await sizeOf(await square(await pngOf(scene(1, 1))))).toBe('webp 1x1')
    expect(await sizeOf(await square(await pngOf(scene(16_000, 2))))).toBe('webp 1x1')
  })

  test('keeps what is transparent', async () => {
    const gif = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')
    expect((await pixelAt(await square(gif), 0, 0))[3]).toBe(0)
    expect(await sizeOf(gif)).toBe('gif 1x1')
  })

  test.each([
    [1, [0.5, 0.1], [0.1, 0.5]],
    [3, [0.5, 0.9], [0.9, 0.5]],
    [6, [0.9, 0.5], [0.5, 0.1]],
    [8, [0.1, 0.5], [0.5, 0.9]],
  ])('is upright as the camera noted it (%d)', async (orientation, green, red) => {
    const photo = turned(await jpegOf(scene(600, 400)), orientation)
    expect(await sizeOf(photo)).toBe(orientation > 4 ? 'jpeg 400x600' : 'jpeg 600x400')
    const made = await square(photo)
    expect(isNear(await colourAt(made, green[0] as number, green[1] as number), GREEN)).toBeTrue()
    expect(isNear(await colourAt(made, red[0] as number, red[1] as number), RED)).toBeTrue()
  })
})

describe('what is made of a picture', () => {
  test('does not tell where it was taken', async () => {
    const photo = turned(await jpegOf(scene(600, 400)), 6)
    expect(photo.includes('48.8584')).toBeTrue()
    for (const made of [await square(photo), await pictures.fit(photo, 300)]) {
      expect(Buffer.from(made).includes('48.8584')).toBeFalse()
      expect(Buffer.from(made).includes('EXIF')).toBeFalse()
    }
  })

  test('weighs what a picture weighs, whatever came along as its colour profile', async () => {
    const fat = withProfile(await jpegOf(scene(600, 400)), 2_000_000)
    expect((await new Bun.Image(fat).webp().bytes()).length).toBeGreaterThan(1_900_000)
    for (const made of [await square(fat), await pictures.fit(fat, 400)]) {
      expect(made.length).toBeLessThan(10_000)
      expect(await sizeOf(made)).toStartWith('webp')
    }
  })

  test('fits into what was asked, and is not enlarged', async () => {
    expect(await sizeOf(await pictures.fit(await pngOf(scene(900, 500)), 300))).toBe('webp 300x167')
    expect(await sizeOf(await pictures.fit(await pngOf(scene(500, 900)), 300))).toBe('webp 167x300')
    expect(await sizeOf(await pictures.fit(await pngOf(scene(90, 50)), 300))).toBe('webp 90x50')
  })

  test('may be a blur, as an address that holds it', async () => {
    const blur = await pictures.placeholder(await pngOf(scene(900, 500)))
    expect(blur).toStartWith('data:image/png;base64,')
    expect(blur.length).toBeLessThan(3_000)
  })
})

describe('refused', () => {
  const works = [
    pictures.inspect,
    square,
    (bytes: Uint8Array) => pictures.fit(bytes, 99),
    pictures.placeholder,
  ]

  test.each([
    ['nothing', ''],
    ['text', 'hello'],
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
    ['HTML', '<!doctype html><script>alert(1)</script>'],
    ['PDF', '%PDF-1.7\n'],
    ['MP4', '\0\0\0\x18ftypmp42'],
  ])('is %s, which is no picture', async (_, text) => {
    for (const work of works)
      expect(await refusal(work(Buffer.from(text, 'latin1')))).toMatchObject({ status: 415 })
  })

  test('is a picture of another kind', async () => {
    for (const work of works)
      expect(await refusal(work(painted(9, 9, () => RED)))).toMatchObject({ status: 415 })
  })

  test('is a picture of too many pixels, before a pixel is decoded', async () => {
    const gif = Buffer.from('474946383961ffffffff800000000000ffffff2c00000000ffffffff0002', 'hex')
    const bombs = [bomb(30_000, 30_000), bomb(16_385, 2), bomb(2, 16_385), gif]
    expect(bombs[0]?.length).toBeLessThan(150_000)
    for (const bytes of bombs)
      for (const work of works)
        expect(await refusal(work(bytes))).toMatchObject({
          status: 422,
          errors: [{ path: 'body/file', code: 'too_many_pixels' }],
        })
    expect(16_384 * 2_400).toBeLessThan(MAX_PIXELS)
    expect(await sizeOf(await square(bomb(16_384, 2_400)))).toBe('webp 256x256')
  }, 20_000)

  test('is a picture that is broken', async () => {
    const png = await pngOf(scene(90, 90))
    const brokens = [png.slice(0, 60), png.slice(0, png.length - 30), bomb(0, 0)]
    for (const bytes of brokens)
      expect(await refusal(square(bytes))).toMatchObject({
        status: 422,
        errors: [{ path: 'body/file', code: 'broken_picture' }],
      })
  })

  test('is what comes when too many wait; nothing of it stays in the way', async () => {
    const picture = await jpegOf(scene(900, 500))
    const own = createPictures()
    const made = await Promise.allSettled(Array.from({ length: 100 }, () => own.squares(picture, [64])))
    const reasons = made.flatMap(each => (each.status === 'rejected' ? [each.reason] : []))
    expect(reasons.length).toBeGreaterThan(0)
    expect(reasons.length).toBeLessThan(100)
    for (const reason of reasons) expect(reason).toMatchObject({ status: 503, code: 'busy', retryAfter: 2 })
    expect(await own.squares(picture, [64])).toHaveLength(1)
  })
})
