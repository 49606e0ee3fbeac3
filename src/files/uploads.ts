// Uploading: who may send how much, and a record that makes known what was kept.
import { AppError, CLOSING, unauthorized } from '../lib/errors'
import { newId } from '../lib/ids'
import { readFilePart } from '../lib/multipart'
import { nowIso } from '../lib/schema'
import { BlobTooLarge } from './blobs'
import type { Facts, Keeping } from './keeping'
import type { File } from './model'
import { toFile } from './service'
import type { FileStore } from './store'

export interface UploadSettings {
  maxBytes: number
  quotaBytes: number
  /** An upload of which nothing comes for so long is given up. */
  stallMs: number
}

/** Uploads of one person that may be under way. */
export const MAX_UPLOADS_AT_ONCE = 20
/** What a form has beside the file: boundaries, headers, a few small fields. */
const FORM_BYTES = 64 * 1024

export type Uploads = ReturnType<typeof createUploads>

/** `isHere`: whether the person has not deleted their account. */
export function createUploads(
  store: FileStore,
  keeping: Keeping,
  isHere: (userId: string) => Promise<boolean>,
  settings: UploadSettings,
) {
  const { maxBytes, quotaBytes, stallMs } = settings
  const underWay = new Map<string, number>()

  async function counted<T>(userId: string, upload: () => Promise<T>): Promise<T> {
    const before = underWay.get(userId) ?? 0
    if (before >= MAX_UPLOADS_AT_ONCE) throw tooManyAtOnce()
    underWay.set(userId, before + 1)
    try {
      return await upload()
    } finally {
      const now = (underWay.get(userId) ?? 1) - 1
      if (now === 0) underWay.delete(userId)
      else underWay.set(userId, now)
    }
  }

  /** 413 and 507 before anything is read, where the length is told. */
  async function mustHaveRoom(userId: string, request: Request) {
    const announced = Number(request.headers.get('content-length') ?? 0) - FORM_BYTES
    if (announced > maxBytes) throw tooLarge(maxBytes)
    if ((await store.usedBy(userId)) + Math.max(0, announced) >= quotaBytes) throw quotaExceeded()
  }

  /** Where anything goes wrong, or the client goes away, nothing of it stays. */
  async function keep(id: string, request: Request): Promise<Facts> {
    try {
      const bounds = { maxBytes: maxBytes + FORM_BYTES, stallMs }
      const arrived = await readFilePart(request, 'file', bounds, part => keeping.arrive(id, part, maxBytes))
      return await keeping.finish(id, arrived)
    } catch (error) {
      await keeping.forget(id)
      throw error instanceof BlobTooLarge ? tooLarge(maxBytes) : error
    }
  }

  return {
    /** Uploads that are under way, of all people. */
    underWay: (): number => underWay.values().reduce((sum, count) => sum + count, 0),

    /**
     * Keeps the file of a form as one of this person's. 413 for a file that is too large, 422 for a form without one
     * and for a picture with too many pixels, 429 beyond 20 uploads at once, 507 where the quota is used up; refusals
     * of the form as in `readFilePart`.
     */
    receive: (userId: string, request: Request): Promise<File> =>
      counted(userId, async () => {
        await mustHaveRoom(userId, request)
        const id = newId()
        const file = { id, user_id: userId, ...(await keep(id, request)), created_at: nowIso() }
        // An error means unknown: then the bytes stay, until it shows that no record knows of them.
        const isKept = await store.insert(file, quotaBytes)
        if (isKept && (await isHere(userId))) return toFile(file)
        if (isKept) await store.drop(id, nowIso())
        await keeping.forget(id)
        if (isKept) await store.remove([id])
        throw isKept ? unauthorized() : quotaExceeded()
      }),
  }
}

const tooLarge = (maxBytes: number) =>
  new AppError(413, 'too_large', `A file has at most ${maxBytes / (1024 * 1024)} MB.`, CLOSING)

const quotaExceeded = () =>
  new AppError(507, 'quota_exceeded', 'There is no room for this among your files. Delete some.', CLOSING)

const tooManyAtOnce = () =>
  new AppError(429, 'too_many_uploads', `At most ${MAX_UPLOADS_AT_ONCE} uploads at once.`, {
    retryAfter: 5,
    ...CLOSING,
  })
