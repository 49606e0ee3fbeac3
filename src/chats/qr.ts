// A link as a picture that a phone reads.
import encodeQR from 'qr'

/** Pixels of a PNG per square of the code. */
const SCALE = 8

/** SVG, which is sharp at every size. */
export const toSvg = (link: string): string => encodeQR(link, 'svg')

/** PNG, some 300 pixels wide. */
export const toPng = (link: string): Promise<Blob> =>
  new Bun.Image(encodeQR(link, 'gif', { scale: SCALE })).png().blob()
