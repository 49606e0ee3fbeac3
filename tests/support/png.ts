// What is in a PNG of 8-bit RGBA: as a camera would see it.
import { inflateSync } from 'node:zlib'

export function pixelsOf(png: Uint8Array) {
  const view = new DataView(png.buffer, png.byteOffset)
  const [width, height] = [view.getUint32(16), view.getUint32(20)]
  if (png[24] !== 8 || png[25] !== 6 || png[28] !== 0) throw new Error('not a plain PNG of 8-bit RGBA')
  const parts: Uint8Array[] = []
  for (let at = 8; at < png.length;) {
    const size = view.getUint32(at)
    if (Buffer.from(png.subarray(at + 4, at + 8)).toString() === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + size))
    at += size + 12
  }
  return { width, height, data: unfiltered(inflateSync(Buffer.concat(parts)), width * 4, height) }
}

/** PNG 9.2: each row begins with how it was predicted from its neighbours. */
function unfiltered(raw: Uint8Array, stride: number, height: number): Uint8Array {
  const out = new Uint8Array(stride * height)
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)]
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x
      const left = x >= 4 ? out[at - 4]! : 0
      const up = y > 0 ? out[at - stride]! : 0
      const corner = x >= 4 && y > 0 ? out[at - stride - 4]! : 0
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter ?? 0]!
      out[at] = raw[y * (stride + 1) + 1 + x]! + guess
    }
  }
  return out
}

function paeth(a: number, b: number, c: number): number {
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)]
  if (pa <= pb && pa <= pc) return a
  return pb <= pc ? b : c
}
