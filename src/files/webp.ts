// What is left in a WebP picture beside the picture.

const PROFILE_FLAG = 0x20
/** The usual profiles have some hundred bytes to 3 KB. */
const MAX_PROFILE = 4_096

/**
 * The picture without its colour profile where that is larger than 4 KB: whoever makes a picture chooses what is in
 * its profile, which `Bun.Image` carries over, and a picture of 64 pixels should not weigh megabytes.
 * Source: RFC 9649, 2.7 (extended file format).
 */
export function withoutLargeProfile(webp: Uint8Array): Uint8Array {
  const file = Buffer.from(webp.buffer, webp.byteOffset, webp.byteLength)
  for (let at = 12; at + 8 <= file.length;) {
    const size = file.readUInt32LE(at + 4)
    const end = at + 8 + size + (size % 2)
    if (file.toString('latin1', at, at + 4) === 'ICCP' && size > MAX_PROFILE) return without(file, at, end)
    at = end
  }
  return webp
}

function without(file: Buffer, from: number, to: number): Uint8Array {
  const rest = Buffer.concat([file.subarray(0, from), file.subarray(to)])
  rest.writeUInt32LE(rest.length - 8, 4)
  // A profile is told by the first chunk, VP8X, whose flags come first.
  rest.writeUInt8(rest.readUInt8(20) & ~PROFILE_FLAG, 20)
  return rest
}
