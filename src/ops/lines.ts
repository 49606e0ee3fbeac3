// A line of the log: one JSON object, with levels and errors as pino tells them, which tools for logs know.

/** How bad it is, in the numbers of pino. */
export const LEVELS = { debug: 20, info: 30, warn: 40, error: 50, silent: Infinity } as const

/** What there is to tell, by name; under `err` an error. */
export type Facts = object

/** Never fails: of facts that cannot be told (circles, numbers beyond JSON) the error stays, in words. */
export function lineOf(level: number, facts: Facts, msg: string): string {
  const head = { level, time: new Date().toISOString() }
  const { err } = facts as { err?: unknown }
  try {
    const told = err === undefined ? facts : { ...facts, err: errorFacts(err) }
    return `${JSON.stringify({ ...head, ...told, msg })}\n`
  } catch {
    return `${JSON.stringify({ ...head, err: inWords(err), msg })}\n`
  }
}

/** Its kind, its words and where it came from, with all that it carries, and what caused it. */
function errorFacts(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const facts = { type: error.constructor.name, message: error.message, stack: error.stack }
  return Object.assign(
    facts,
    error,
    error instanceof AggregateError && { errors: error.errors.map(errorFacts) },
    error.cause !== undefined && { cause: errorFacts(error.cause) },
  )
}

const inWords = (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : typeof error)
