// Cuts the middle square out of a PNG: `Bun.Image` resizes, but has no crop.
import { promisify } from 'node:util'
import { crc32, deflate, inflate } from 'node:zlib'

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const RGBA = 4
const UNFILTERED = 0

interface Chunk {
  type: string
  data: Buffer
}

/**
 * The middle square of a picture that `Bun.Image` has written as PNG with `compressionLevel: 0`: 8 bits, RGBA, not
 * interlaced, rows without filter; throws for any other. The colour profile is kept, so that colours stay as they are.
 * Source: PNG, third edition (W3C), 5.3 (chunks), 7.2 (rows).
 */
export async function middleSquare(png: Uint8Array): Promise<{ png: Uint8Array; side: number }> {
  const chunks = chunksOf(Buffer.from(png.buffer, png.byteOffset, png.byteLength))
  const header = Buffer.from(dataOf(chunks, 'IHDR'))
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  if (header.toString('hex', 8) !== '0806000000') throw new Error('Not a PNG of 8 bits and RGBA.')
  const side = Math.min(width, height)
  const [left, top] = [(width - side) >> 1, (height - side) >> 1]

  const pixels = await promisify(inflate)(dataOf(chunks, 'IDAT'))
  const stride = 1 + width * RGBA
  const cut = Buffer.alloc(side * (1 + side * RGBA))
  for (let row = 0; row < side; row++) {
    const start = (top + row) * stride
    if (pixels[start] !== UNFILTERED) throw new Error('A row of a PNG is filtered.')
    const from = start + 1 + left * RGBA
    pixels.copy(cut, row * (1 + side * RGBA) + 1, from, from + side * RGBA)
  }

  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  const profile = chunks.filter(({ type }) => type === 'iCCP')
  const data = await promisify(deflate)(cut, { level: 1 })
  const parts = [{ type: 'IHDR', data: header }, ...profile, { type: 'IDAT', data }, END]
  return { png: Buffer.concat([SIGNATURE, ...parts.map(written)]), side }
}

const END: Chunk = { type: 'IEND', data: Buffer.alloc(0) }

function chunksOf(png: Buffer): Chunk[] {
  const chunks: Chunk[] = []
  for (let at = SIGNATURE.length; at < png.length;) {
    const end = at + 8 + png.readUInt32BE(at)
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, end) })
    at = end + 4
  }
  return chunks
}

const dataOf = (chunks: Chunk[], wanted: string): Buffer =>
  Buffer.concat(chunks.filter(({ type }) => type === wanted).map(({ data }) => data))

function written({ type, data }: Chunk): Buffer {
  const chunk = Buffer.alloc(data.length + 12)
  chunk.writeUInt32BE(data.length, 0)
  chunk.write(type, 4, 'latin1')
  data.copy(chunk, 8)
  chunk.writeUInt32BE(crc32(chunk.subarray(4, data.length + 8)), data.length + 8)
  return chunk
}
