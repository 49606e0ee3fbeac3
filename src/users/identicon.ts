// The picture of somebody who has set none, drawn out of their id: the same for all time.
import { toSvg } from 'jdenticon'

const SIDE = 128

/** An SVG without scripts or references; some microseconds of work, so it is never kept. */
export const identicon = (id: string): string => toSvg(id, SIDE, { backColor: '#fff' })
