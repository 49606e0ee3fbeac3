// The data directory and its files: nobody else may read them.
import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  writeFileSync,
} from 'node:fs'

/** Throws an error that names the setting where the directory cannot be had. */
export function createPrivateDirectory(dir: string) {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    accessSync(dir, constants.W_OK)
  } catch (cause) {
    throw new Error(`DATA_DIR: ${dir} cannot be made or written to; choose a directory that can.`, { cause })
  }
}

/** Creates an empty file of mode 0600; one that is there stays as it is. */
export function createPrivateFile(file: string) {
  try {
    // Never opens a file that is there: closing it again would drop this process's locks on it (POSIX).
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error
  }
}

/** Writes a file of mode 0600, whole or not at all. */
export function writePrivateFile(file: string, text: string) {
  const draft = `${file}.new`
  writeFileSync(draft, text, { mode: 0o600, flush: true })
  renameSync(draft, file)
}

/** Makes the names of new files in the directory survive a power cut. */
export function syncDirectory(dir: string) {
  const handle = openSync(dir, 'r')
  fsyncSync(handle)
  closeSync(handle)
}
