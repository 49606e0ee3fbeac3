// Answering with a file: the whole, a part, its thumbnail, or that the client has it already (RFC 9110).
import { AppError, notFound } from '../lib/errors'
import { dispositionOf } from '../lib/filenames'
import { hasTag, mayBeRanged, rangeOf, type ByteRange } from '../lib/ranges'
import type { BlobStore } from './blobs'
import { isShown } from './kinds'
import type { Files } from './service'
import type { FileRecord } from './store'
import { namesOf } from './names'

/** What one request is about: which bytes, what they are, how they are called. */
interface Wanted {
  blob: string
  size: number
  type: string
  disposition: string
}

export type Fetching = ReturnType<typeof createFetching>

export function createFetching(files: Files, blobs: BlobStore) {
  async function bytesFor(request: Request, blob: string, range?: ByteRange) {
    if (request.method === 'HEAD') return null
    const stream = await blobs.read(blob, range)
    if (!stream) throw notFound('file')
    return stream
  }

  async function answer(request: Request, wanted: Wanted): Promise<Response> {
    const { blob, size } = wanted
    const etag = `"${blob}"`
    const headers = headersOf(wanted, etag)
    if (hasTag(request.headers.get('if-none-match'), etag)) {
      return new Response(null, { status: 304, headers: { etag, 'cache-control': CACHE } })
    }
    const asked = mayBeRanged(request.headers.get('if-range'), etag) ? request.headers.get('range') : null
    const range = rangeOf(asked, size)
    if (range === 'unsatisfiable') throw unsatisfiable(size)
    if (!range) {
      const whole = { ...headers, 'content-length': String(size) }
      return new Response(await bytesFor(request, blob), { headers: whole })
    }
    const part = {
      'content-range': `bytes ${range.start}-${range.end}/${size}`,
      'content-length': String(range.end - range.start + 1),
    }
    return new Response(await bytesFor(request, blob, range), {
      status: 206,
      headers: { ...headers, ...part },
    })
  }

  return {
    /** The file, or its thumbnail, for somebody who may see it as of now; 404 otherwise, and 416 for a part that is not there. */
    async fetch(me: string, id: string, request: Request, size?: 'thumb'): Promise<Response> {
      const file = await files.mustSee(me, id)
      return answer(request, size === 'thumb' ? thumbnailOf(file) : wholeOf(file))
    },
  }
}

const wholeOf = ({ id, size, media_type, name }: FileRecord): Wanted => ({
  blob: namesOf(id).whole,
  size,
  type: isShown(media_type) ? media_type : 'application/octet-stream',
  disposition: dispositionOf(isShown(media_type) ? 'inline' : 'attachment', name),
})

function thumbnailOf({ id, thumbnail_size, name }: FileRecord): Wanted {
  if (thumbnail_size === null) throw notFound('thumbnail')
  const disposition = dispositionOf('inline', `${name}.webp`)
  return { blob: namesOf(id).thumbnail, size: thumbnail_size, type: 'image/webp', disposition }
}

/** Kept by the client alone, who asks each time: a member who was removed has it no more. */
const CACHE = 'private, no-cache'

const headersOf = ({ type, disposition }: Wanted, etag: string) => ({
  etag,
  'content-type': type,
  'content-disposition': disposition,
  'cache-control': CACHE,
  'accept-ranges': 'bytes',
  'x-content-type-options': 'nosniff',
  // Opened by itself it is nobody's page: no script of it runs, and nothing is loaded.
  'content-security-policy': "sandbox; default-src 'none'",
  // Pages of other origins show it by its ticket; without one there is nothing to be had.
  'cross-origin-resource-policy': 'cross-origin',
})

const unsatisfiable = (size: number) =>
  new AppError(416, 'range_not_satisfiable', 'The file has no such part.', {
    headers: { 'content-range': `bytes */${size}` },
  })
