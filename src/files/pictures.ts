// Pictures: what they are, and smaller ones made of them. The one place that decodes what people send.
import { availableParallelism } from 'node:os'
import { AppError, invalid, unavailable } from '../lib/errors'
import { gate } from '../lib/gate'
import { withoutLargeProfile } from './webp'

export const PICTURE_FORMATS = ['jpeg', 'png', 'webp', 'gif'] as const
export type PictureFormat = (typeof PICTURE_FORMATS)[number]

/** Width and height as shown: with the orientation that a camera noted applied. */
export interface Picture {
  format: PictureFormat
  width: number
  height: number
}

/** A decoded pixel takes 4 bytes, so a picture takes at most 160 MB while it is made smaller. */
export const MAX_PIXELS = 40_000_000
/** Rows longer than this cost more memory than their pixels. */
export const MAX_SIDE = 16_384

const QUALITY = 82
/** Of pictures that stay as large as they are. */
const WHOLE_QUALITY = 88
const WAITING = 32
const UPLOADS_WAITING = 500
/** A picture longer than this is made so much smaller that it is not, before its middle is cut out. */
const MAX_RATIO = 8

/** A picture that somebody uploaded, as it is kept. */
export interface Kept extends Picture {
  /** Made anew: upright, and without metadata; null for GIF, which may move and stays as it came. */
  bytes: Uint8Array | null
  /** As WebP. */
  thumbnail: Uint8Array
  placeholder: string
}

export type Pictures = ReturnType<typeof createPictures>

/**
 * Pictures are worked on beside the event loop, on all cores but one; 32 more wait, and what comes then is refused
 * with 503 `busy` and `Retry-After`. Bytes decide what a picture is, never a name. Of all methods:
 * 415 for what is no JPEG, PNG, WebP or GIF; 422 `too_many_pixels` and `broken_picture`.
 * What comes out is WebP without metadata; of an animation it is the first picture.
 */
export function createPictures() {
  const pass = gate(Math.max(1, availableParallelism() - 1), WAITING, 'Too many pictures at once.')
  const uploaded = gate(1, UPLOADS_WAITING, 'Too many pictures at once.')

  /** The bytes are read up to the size of the picture only; nothing is decoded. */
  async function inspect(bytes: Uint8Array): Promise<Picture> {
    const { format, width, height } = await decoding(bytes, image => image.metadata())
    const known = PICTURE_FORMATS.find(name => name === format)
    if (!known) throw notAPicture()
    if (width > MAX_SIDE || height > MAX_SIDE) throw tooManyPixels()
    return { format: known, width, height }
  }

  return {
    /** How many are worked on, and how many wait. */
    load: () => ({ running: pass.load().running, waiting: pass.load().waiting + uploaded.load().waiting }),

    inspect,

    /**
     * Its middle as squares of these sides (pixels), in their order; a picture that is smaller is not enlarged.
     * Bytes that have to be loaded first are when it is the turn of this one, so that what waits takes no memory.
     */
    squares: (given: Uint8Array | (() => Promise<Uint8Array>), sizes: number[]): Promise<Uint8Array[]> =>
      pass(async () => {
        const bytes = typeof given === 'function' ? await given() : given
        const { width, height } = await inspect(bytes)
        const most = Math.max(...sizes)
        const [short, long] = [Math.min(width, height), Math.max(width, height)]
        const scale = Math.min(1, most / short, (MAX_RATIO * most) / long)
        const scaled = (side: number) => Math.max(1, Math.round(side * scale))
        const small = await decoding(bytes, image =>
          image.resize(scaled(width), scaled(height)).png({ compressionLevel: 0 }).bytes(),
        )
        // Loaded by the first picture that is cut, since it would slow down every start.
        const { middleSquare } = await import('./crop')
        const { png, side } = await middleSquare(small)
        return Promise.all(sizes.map(size => webp(png, Math.min(size, side))))
      }),

    /** The whole picture, at most `most` pixels wide and high; one that is smaller is not enlarged. */
    fit: (bytes: Uint8Array, most: number): Promise<Uint8Array> =>
      pass(async () => {
        await inspect(bytes)
        return webp(bytes, most)
      }),

    /**
     * What is kept of an uploaded picture; its thumbnail is at most `most` pixels wide and high. One after the other:
     * `load` is called when it is the turn of this one, so that what waits takes no memory.
     */
    keep: (load: () => Promise<Uint8Array>, most: number): Promise<Kept> =>
      uploaded(() =>
        pass(async () => {
          const bytes = await load()
          const { format } = await inspect(bytes)
          const anew =
            format === 'gif' ? null : await decoding(bytes, image => sameFormat(image, format).bytes())
          const upright = anew ?? bytes
          const thumbnail = await webp(upright, most)
          const placeholder = await decoding(thumbnail, image => image.placeholder())
          return { ...(await inspect(upright)), bytes: anew, thumbnail, placeholder }
        }),
      ),

    /** A blur of some hundred bytes as a data URL, to be shown until the picture comes. Source: ThumbHash. */
    placeholder: (bytes: Uint8Array): Promise<string> =>
      pass(async () => {
        await inspect(bytes)
        return decoding(bytes, image => image.placeholder())
      }),
  }
}

/** What a camera or a stranger has hidden in a picture does not come through decoding; the colour profile does. */
function sameFormat(image: Bun.Image, format: PictureFormat): Bun.Image {
  if (format === 'png') return image.png()
  return format === 'webp' ? image.webp({ quality: WHOLE_QUALITY }) : image.jpeg({ quality: WHOLE_QUALITY })
}

async function webp(bytes: Uint8Array, most: number): Promise<Uint8Array> {
  const made = await decoding(bytes, image =>
    image.resize(most, most, { fit: 'inside', withoutEnlargement: true }).webp({ quality: QUALITY }).bytes(),
  )
  return withoutLargeProfile(made)
}

async function decoding<T>(bytes: Uint8Array, work: (image: Bun.Image) => Promise<T>): Promise<T> {
  try {
    return await work(new Bun.Image(bytes, { maxPixels: MAX_PIXELS }))
  } catch (error) {
    throw refusalOf(error)
  }
}

function refusalOf(error: unknown): unknown {
  const { code } = error as { code?: string }
  if (code === 'ERR_IMAGE_UNKNOWN_FORMAT' || code === 'ERR_IMAGE_FORMAT_UNSUPPORTED') return notAPicture()
  if (code === 'ERR_IMAGE_TOO_MANY_PIXELS') return tooManyPixels()
  if (code === 'ERR_IMAGE_DECODE_FAILED' || code === 'ERR_IMAGE_ENCODE_FAILED') return broken()
  if (code === 'ERR_OUT_OF_MEMORY')
    return unavailable('busy', 'Too many pictures at once. Try again in a moment.', 2)
  return error
}

const notAPicture = () =>
  new AppError(415, 'unsupported_media_type', 'Send a picture: JPEG, PNG, WebP or GIF.')

const tooManyPixels = () =>
  invalid(
    'body/file',
    'too_many_pixels',
    `A picture has at most ${MAX_PIXELS / 1_000_000} million pixels, ${MAX_SIDE} on a side.`,
  )

const broken = () => invalid('body/file', 'broken_picture', 'The picture cannot be read.')
