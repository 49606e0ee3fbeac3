// Times that clients give for something that is to happen.
import { invalid } from './errors'

const YEAR_MS = 366 * 86_400_000

/** The time in its one form; 422 for what is no ISO 8601 time, is past, or is more than a year away. */
export function mustBeSoon(field: string, text: string): string {
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw invalid(`body/${field}`, 'bad_format', `${field} is an ISO 8601 time.`)
  if (time <= Date.now() || time > Date.now() + YEAR_MS) {
    throw invalid(`body/${field}`, 'out_of_range', `${field} is in the future, within a year.`)
  }
  return new Date(time).toISOString()
}
