// The rows, in the order of the matrix.
import type { Row } from './row'
import { clocks } from './rows/clocks'
import { crashes } from './rows/crashes'
import { disks } from './rows/disks'
import { mongo } from './rows/mongo'
import { races } from './rows/races'
import { readers } from './rows/readers'
import { repeats } from './rows/repeats'
import { slow } from './rows/slow'
import { storms } from './rows/storms'

const REDIS = 'there is no bus between nodes in this version: REDIS_URL stops the start'

const never: Row[] = [
  { id: 'F10', does: 'Redis down', never: REDIS },
  { id: 'F11', does: 'Redis drops a message', never: REDIS },
]

const all: Row[] = [
  ...never,
  ...crashes,
  ...disks,
  ...mongo,
  ...repeats,
  ...readers,
  ...slow,
  ...storms,
  ...clocks,
  ...races,
]

const numberOf = ({ id }: Row) => Number(id.replace(/\D/g, ''))

export const rows: Row[] = all.toSorted((a, b) => numberOf(a) - numberOf(b) || (a.id < b.id ? -1 : 1))
