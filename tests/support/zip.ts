// Reading a zip archive in a test: every file by its path, with its checksum checked.

const END = 0x06054b50
const CENTRAL = 0x02014b50

/** Files that are stored as they are; throws where the archive is cut or damaged. */
export function unzip(archive: Uint8Array): Map<string, string> {
  const bytes = Buffer.from(archive)
  const end = bytes.length - 22
  if (end < 0 || bytes.readUInt32LE(end) !== END) throw new Error('not a whole archive')
  const files = new Map<string, string>()
  let at = bytes.readUInt32LE(end + 16)
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    if (bytes.readUInt32LE(at) !== CENTRAL) throw new Error('a bad directory')
    const [crc, size] = [bytes.readUInt32LE(at + 16), bytes.readUInt32LE(at + 20)]
    const [name, extra, comment] = [28, 30, 32].map(offset => bytes.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ]
    const path = bytes.toString('utf8', at + 46, at + 46 + name)
    const start = bytes.readUInt32LE(at + 42)
    const from = start + 30 + bytes.readUInt16LE(start + 26) + bytes.readUInt16LE(start + 28)
    const content = bytes.subarray(from, from + size)
    if (Bun.hash.crc32(content) !== crc) throw new Error(`${path} is damaged`)
    if (files.has(path)) throw new Error(`${path} is there twice`)
    files.set(path, content.toString())
    at += 46 + name + extra + comment
  }
  return files
}
