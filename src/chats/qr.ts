// A link as a picture that a phone reads.

/** Pixels of a PNG per square of the code. */
const SCALE = 8

/** Loaded by the first picture: most starts need it never. */
const encoder = async () => (await import('qr')).default

/** SVG, which is sharp at every size. */
export const toSvg = async (link: string): Promise<string> => (await encoder())(link, 'svg')

/** PNG, some 300 pixels wide. */
export const toPng = async (link: string): Promise<Blob> =>
  new Bun.Image((await encoder())(link, 'gif', { scale: SCALE })).png().blob()
