// Files of a backup: read, linked and copied in pieces, so that a large one costs no memory.
import { constants } from 'node:fs'
import { link, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'

const PIECE = 1024 * 1024

/** The end of the name of what is not whole. */
export const PARTIAL = '.partial'

/** Opens a file for reading, but no link, and nothing that may have no end, such as a pipe or a device. */
async function openFile(file: string): Promise<FileHandle> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  if ((await handle.stat()).isFile()) return handle
  await handle.close()
  throw Object.assign(new Error(`${file} is no file.`), { code: 'NO_FILE' })
}

/** Reads a file to its end, and answers its SHA-256 as hex. */
export async function hashFile(
  file: string,
  piece: (bytes: Uint8Array) => Promise<unknown> = async () => {},
) {
  const handle = await openFile(file)
  try {
    const hash = new Bun.CryptoHasher('sha256')
    const buffer = new Uint8Array(PIECE)
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, PIECE)
      if (bytesRead === 0) return hash.digest('hex')
      const bytes = buffer.subarray(0, bytesRead)
      hash.update(bytes)
      await piece(bytes)
    }
  } finally {
    await handle.close()
  }
}

/** Copies a file to a new one of mode 0600, which survives a power cut, and answers its SHA-256. */
export async function copyFile(from: string, to: string): Promise<string> {
  const target = await open(to, 'wx', 0o600)
  try {
    const hash = await hashFile(from, bytes => writeAll(target, bytes))
    await target.sync()
    return hash
  } finally {
    await target.close()
  }
}

async function writeAll(target: FileHandle, bytes: Uint8Array) {
  for (let at = 0; at < bytes.byteLength;) at += (await target.write(bytes, at)).bytesWritten
}

/** Where a file cannot have a second name: another disk, another owner, too many names, or no such thing there. */
const NO_LINK = new Set(['EXDEV', 'EPERM', 'EACCES', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

/** Gives a file that never changes a second name. False: it cannot have one there, or is not there. */
export async function linkFile(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    const { code = '' } = error as { code?: string }
    if (NO_LINK.has(code) || code === 'ENOENT') return false
    throw error
  }
}

/** Writes a small file of mode 0600 to stable storage. */
export async function writeText(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Brings a file, or the names in a directory, to stable storage. */
export async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export const isAbsent = (error: unknown) => (error as { code?: string }).code === 'ENOENT'

const isNoFile = (error: unknown) => ['ELOOP', 'NO_FILE'].includes((error as { code?: string }).code ?? '')

/** Null where there is none, or what is there is no file. */
export async function readText(file: string): Promise<string | null> {
  try {
    await using handle = await openFile(file)
    return await handle.readFile('utf8')
  } catch (error) {
    if (isAbsent(error) || isNoFile(error)) return null
    throw error
  }
}

/** None where there is no such directory. */
export const namesIn = (dir: string): Promise<string[]> =>
  readdir(dir).catch(error => {
    if (isAbsent(error)) return []
    throw error
  })

/** Removes a directory; a cut leaves what nobody takes for whole. */
export async function removeWhole(dir: string): Promise<void> {
  await rename(dir, dir + PARTIAL)
  await sync(dirname(dir))
  await rm(dir + PARTIAL, { recursive: true, force: true })
}
