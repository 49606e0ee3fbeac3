// What a file is, told by its first bytes alone: what somebody claims in a name or a header counts for nothing.
import type { Kind } from './model'
import { PICTURE_FORMATS } from './pictures'

/** So many bytes are looked at. */
export const HEAD_BYTES = 8192

export interface Recognised {
  kind: Kind
  media_type: string
}

const UNKNOWN: Recognised = { kind: 'file', media_type: 'application/octet-stream' }

/** The pictures that can be read, and made anew. All others (HEIC, AVIF, TIFF, SVG …) are files. */
const PICTURES = PICTURE_FORMATS.map(format => `image/${format}`)

/** Shown within a page by browsers, and harmless there. All else is for saving only. */
const SHOWN = new Set([
  ...PICTURES,
  'video/mp4',
  'video/webm',
  'video/ogg',
  'video/quicktime',
  'audio/mpeg',
  'audio/mp4',
  'audio/x-m4a',
  'audio/aac',
  'audio/ogg',
  'audio/wav',
  'audio/webm',
  'audio/flac',
  'audio/x-flac',
])

export const isShown = (mediaType: string): boolean => SHOWN.has(mediaType)

/** Never fails: what is not recognised, or only claims to be something, is a `file`. */
export async function recognise(head: Uint8Array): Promise<Recognised> {
  // Loaded by the first upload, since it would slow down every start.
  const { fileTypeFromBuffer } = await import('file-type')
  const found = await fileTypeFromBuffer(head).catch(() => undefined)
  const type = found?.mime.split(';')[0]?.trim()
  if (!type) return UNKNOWN
  if (PICTURES.includes(type)) return { kind: 'image', media_type: type }
  if (type.startsWith('audio/')) return { kind: 'audio', media_type: type }
  if (type.startsWith('video/'))
    return hasSoundOnly(type, head) ? soundOf(type) : { kind: 'video', media_type: type }
  // XML can be a page or a picture with scripts in it: nobody is told to take it for one.
  return type.startsWith('text/') || type.includes('xml') ? UNKNOWN : { kind: 'file', media_type: type }
}

const soundOf = (type: string): Recognised => ({
  kind: 'audio',
  media_type: type.replace('video/', 'audio/'),
})

/** Voice messages recorded by browsers come in the containers of films: what they hold stands near the beginning. */
function hasSoundOnly(type: string, head: Uint8Array): boolean {
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1')
  if (type === 'video/webm')
    return /A_(OPUS|VORBIS|AAC|FLAC)/.test(text) && !/V_(VP8|VP9|AV1|MPEG)/.test(text)
  if (type === 'video/mp4')
    return hasWholeMoov(text) && /hdlr.{8}soun/s.test(text) && !/hdlr.{8}vide/s.test(text)
  return false
}

/** Whether the list of tracks (ISO 14496-12, `moov`) is within what is looked at. */
function hasWholeMoov(text: string): boolean {
  const at = text.indexOf('moov')
  return at >= 4 && at - 4 + Buffer.from(text.slice(at - 4, at), 'latin1').readUInt32BE() <= text.length
}
