// A backup or restore that cannot be: one line, and how the process ends.

/** Exit codes of sysexits.h: 65 the copy is not sound, 69 what is needed is not there, 74 the disk does not take it. */
export class Failure extends Error {
  constructor(
    message: string,
    readonly exitCode: 65 | 69 | 74,
  ) {
    super(message)
  }
}

const NO_ROOM = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL'])
/** As `node:sqlite` tells it. */
const SQLITE_FULL = 13

/** Says of a disk that is full or broken which one. Other errors come through as they are. */
export function explainDisk(error: unknown, dir: string): unknown {
  const { code = '', errcode, path = dir } = error as { code?: string; errcode?: number; path?: string }
  if (NO_ROOM.has(code) || errcode === SQLITE_FULL)
    return new Failure(`There is not enough room in ${dir}; nothing of this was kept.`, 74)
  if (code === 'EIO' || code.startsWith('SQLITE_IOERR'))
    return new Failure(`The disk of ${dir} fails (${code}); nothing of this was kept.`, 74)
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM')
    return new Failure(`${path} may not be read or written by this user.`, 74)
  return error
}
