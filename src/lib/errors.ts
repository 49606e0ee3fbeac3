// The one kind of error that reaches a client. Everything else is `internal` and goes to the log only.

/** One thing wrong with a request: where (`body/content`, `query/limit`) and what (`too_long`). */
export interface FieldError {
  path: string
  code: string
}

export interface AppErrorOptions {
  /** What exactly is wrong, field by field. Never holds a submitted value. */
  errors?: FieldError[]
  /** Seconds after which a repeat may succeed; becomes `Retry-After`. */
  retryAfter?: number
  /** More response headers, such as `Allow`. */
  headers?: Record<string, string>
  /** The policy of `RateLimit-Policy` that was violated. */
  policy?: string
}

/**
 * A refusal with a stable machine code, the same over REST and sockets.
 * `detail` is shown to people: it names the fix and never repeats what was sent.
 */
export class AppError extends Error {
  readonly errors?: FieldError[]
  readonly retryAfter?: number
  readonly headers?: Record<string, string>
  readonly policy?: string

  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    options: AppErrorOptions = {},
  ) {
    super(detail)
    this.errors = options.errors
    this.retryAfter = options.retryAfter
    this.headers = options.headers
    this.policy = options.policy
  }
}

export const badRequest = (code: string, detail: string) => new AppError(400, code, detail)

export const unauthorized = (code = 'not_signed_in', detail = 'Sign in first: send a bearer token.') =>
  new AppError(401, code, detail, { headers: { 'www-authenticate': 'Bearer' } })

export const forbidden = (code: string, detail: string) => new AppError(403, code, detail)

/** Unknown and "not yours" are the same answer, so that nobody can probe for what exists. */
export const notFound = (what: string) => new AppError(404, 'not_found', `No such ${what}.`)

export const conflict = (code: string, detail: string) => new AppError(409, code, detail)

export const invalid = (path: string, code: string, detail: string) =>
  new AppError(422, 'invalid', detail, { errors: [{ path, code }] })

/** Try again later; nothing was lost. For a write it means "unknown": repeat it with the same `client_id`. */
export const unavailable = (code: string, detail: string, retryAfter = 1) =>
  new AppError(503, code, detail, { retryAfter })

/** For a refusal that leaves a body unread, which would be taken for the next request. */
export const CLOSING: AppErrorOptions = { headers: { connection: 'close' } }

/** Told to stop: what is under way is finished, nothing new is begun. */
export const stopping = () =>
  new AppError(503, 'stopping', 'This server is stopping.', {
    retryAfter: 2,
    headers: { connection: 'close' },
  })
