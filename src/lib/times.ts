// Times that clients give for something that is to happen.
import { invalid } from './errors'

const YEAR_MS = 366 * 86_400_000

/** Milliseconds since 1970 of a time that is written like one; 422 for one that is on no calendar. */
export function millisecondsAt(path: string, text: string): number {
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw invalid(path, 'bad_format', 'There is no such time.')
  return time
}

/** The time in its one form; 422 for one that is past, or more than a year away. */
export function mustBeSoon(path: string, time: number): string {
  if (time <= Date.now() || time > Date.now() + YEAR_MS) {
    const name = path.split('/').at(-1)
    throw invalid(path, 'out_of_range', `${name} is in the future, within a year.`)
  }
  return new Date(time).toISOString()
}
