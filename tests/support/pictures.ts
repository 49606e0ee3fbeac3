// Pictures for the tests, painted pixel by pixel, and some that nobody should send.
import { crc32, deflateSync, inflateSync } from 'node:zlib'

export type Colour = [red: number, green: number, blue: number]

export const RED: Colour = [220, 0, 0]
export const GREEN: Colour = [0, 200, 0]
export const BLUE: Colour = [0, 0, 220]
export const WHITE: Colour = [255, 255, 255]

/** A BMP file, which needs no library: what `Bun.Image` makes the other formats of. */
export function painted(width: number, height: number, colourAt: (x: number, y: number) => Colour): Buffer {
  const row = Math.ceil((width * 3) / 4) * 4
  const file = Buffer.alloc(54 + row * height)
  file.write('BM')
  file.writeUInt32LE(file.length, 2)
  file.writeUInt32LE(54, 10)
  file.writeUInt32LE(40, 14)
  file.writeInt32LE(width, 18)
  file.writeInt32LE(height, 22)
  file.writeUInt16LE(1, 26)
  file.writeUInt16LE(24, 28)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) file.set(colourAt(x, height - 1 - y).toReversed(), 54 + y * row + x * 3)
  return file
}

/** A square in the middle, red on its left half and blue on its right, green along its top; white beside it. */
export const scene = (width: number, height: number): Buffer => {
  const side = Math.min(width, height)
  const [left, top] = [(width - side) / 2, (height - side) / 2]
  return painted(width, height, (x, y) => {
    if (x < left || x >= left + side || y < top || y >= top + side) return WHITE
    if (y < top + side / 4) return GREEN
    return x < left + side / 2 ? RED : BLUE
  })
}

export const jpegOf = (bmp: Uint8Array) => new Bun.Image(bmp).jpeg({ quality: 95 }).bytes()
export const pngOf = (picture: Uint8Array) => new Bun.Image(picture).png().bytes()

/** A JPEG as a camera writes it that was held another way (EXIF 2.3, 4.6.4, tag 0x0112), and where it was. */
export function turned(jpeg: Uint8Array, orientation: number): Buffer {
  const place = Buffer.from('taken at 48.8584 N')
  const tiff = Buffer.from(`4d4d002a00000008000101120003000000010${'00'}${orientation}000000000000`, 'hex')
  const data = Buffer.concat([Buffer.from('Exif\0\0'), tiff, place])
  return withSegment(jpeg, 0xe1, data)
}

/** A JPEG whose colour profile has this many bytes. */
export function withProfile(jpeg: Uint8Array, bytes: number): Buffer {
  const size = 60_000
  const parts = Math.ceil(bytes / size)
  return Array.from({ length: parts }, (_, i) => parts - i).reduce<Buffer>(
    (file, part) =>
      withSegment(
        file,
        0xe2,
        Buffer.concat([Buffer.from('ICC_PROFILE\0'), Buffer.from([part, parts]), Buffer.alloc(size, 7)]),
      ),
    Buffer.from(jpeg),
  )
}

function withSegment(jpeg: Uint8Array, marker: number, data: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(data.length + 2, 2)
  return Buffer.concat([jpeg.subarray(0, 2), head, data, jpeg.subarray(2)])
}

/** A grey PNG whose few bytes become `width` times `height` pixels. */
export function bomb(width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 1
  const rows = deflateSync(Buffer.alloc((Math.ceil(width / 8) + 1) * height), { level: 9 })
  const signature = Buffer.from('89504e470d0a1a0a', 'hex')
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const made = Buffer.alloc(data.length + 12)
  made.writeUInt32BE(data.length, 0)
  made.write(type, 4, 'latin1')
  data.copy(made, 8)
  made.writeUInt32BE(crc32(made.subarray(4, data.length + 8)), data.length + 8)
  return made
}

/** The colour at a place of a picture, given as fractions of its width and height. */
export const colourAt = async (picture: Uint8Array, across: number, down: number): Promise<Colour> =>
  (await pixelAt(picture, across, down)).slice(0, 3) as Colour

/** Red, green, blue, and how little of what is below shows through. */
export async function pixelAt(picture: Uint8Array, across: number, down: number): Promise<number[]> {
  const { width, height } = await new Bun.Image(picture).metadata()
  const { rgba, stride } = await pixelsOf(picture)
  const at = Math.floor(height * down) * stride + 1 + Math.floor(width * across) * 4
  return [...rgba.subarray(at, at + 4)]
}

/** Uncompressed rows, each filtered by nothing: what `node:zlib` and a PNG of level 0 give. */
async function pixelsOf(picture: Uint8Array) {
  const png = Buffer.from(await new Bun.Image(picture).png({ compressionLevel: 0 }).bytes())
  const parts: Buffer[] = []
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at))
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)))
  const rgba = inflateSync(Buffer.concat(parts))
  return { rgba, stride: 1 + png.readUInt32BE(16) * 4 }
}
