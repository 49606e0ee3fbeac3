// Reading JSON from strangers: bounded in depth before it is parsed, and never leaving surprises in the result.
import { AppError, badRequest } from './errors'

export const MAX_DEPTH = 32
/** Nothing that is taken here comes near. */
const MAX_ITEMS = 10_000
/** 8,000 characters, each written as an escape, have 48,000. */
const MAX_STRING = 64 * 1024

/**
 * Parses JSON text. Refuses with 400 what is not JSON, and with 422 what is nested deeper than 32
 * (a few KB of brackets can block the process for seconds later on), has more than 10,000 items or a string of more
 * than 64 K characters (both are copied item by item where an array belongs), what carries a key that would stand in for
 * what every object has, and strings that the stores could not give back as sent (NUL, half a surrogate pair).
 */
export function parseJson(text: string): unknown {
  const { depth, items, string } = measure(text)
  if (depth > MAX_DEPTH) throw refused('too_deep', `JSON may be nested ${MAX_DEPTH} levels deep.`)
  if (items > MAX_ITEMS) throw refused('too_many', `JSON may have ${MAX_ITEMS} items.`)
  if (string > MAX_STRING) throw refused('too_long', `A string may have ${MAX_STRING} characters.`)
  const value = parse(text)
  if (isSuspicious(text)) mustBePlain(value)
  return value
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw badRequest('bad_json', 'This is not valid JSON.')
  }
}

const OPEN = new Set([0x5b, 0x7b])
const CLOSE = new Set([0x5d, 0x7d])
const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c

/** How deep it is nested, how many items and members there are beside each other, and its longest string. */
function measure(text: string): { depth: number; items: number; string: number } {
  let depth = 0
  let deepest = 0
  let items = 0
  let longest = 0
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (char === QUOTE) {
      const end = endOfString(text, i)
      if (end === -1) break
      longest = Math.max(longest, end - i)
      i = end
    } else if (char === COMMA) items++
    else if (OPEN.has(char)) deepest = Math.max(deepest, ++depth)
    else if (CLOSE.has(char)) depth--
  }
  return { depth: deepest, items, string: longest }
}

/** Where the string ends that begins here; -1: nowhere. Mostly at the next quote, which is found faster than walked to. */
function endOfString(text: string, begin: number): number {
  const next = text.indexOf('"', begin + 1)
  if (text.charCodeAt(next - 1) !== BACKSLASH) return next
  for (let i = begin + 1; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (char === BACKSLASH) i++
    else if (char === QUOTE) return i
  }
  return -1
}

/**
 * Whoever makes an object with `toString` into text, as reports of wrong fields do, would call what was sent; and an
 * object with a `length` where an array belongs is copied, before it is checked, as if it had so many items.
 */
const DANGEROUS_KEYS = ['__proto__', 'constructor', 'toString', 'length']

// Only an escape can bring in a NUL or a lone surrogate, and only these letters the dangerous keys.
const isSuspicious = (text: string) =>
  text.includes('\\u') || DANGEROUS_KEYS.some(key => text.includes(key)) || !text.isWellFormed()

function mustBePlain(value: unknown): void {
  if (typeof value === 'string') mustBeText(value)
  else if (Array.isArray(value)) value.forEach(mustBePlain)
  else if (value !== null && typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) {
      if (DANGEROUS_KEYS.includes(key)) throw refused('bad_key', 'A key of the body is not allowed.')
      mustBeText(key)
      mustBePlain(inner)
    }
  }
}

function mustBeText(text: string) {
  if (!text.isWellFormed() || text.includes('\0')) {
    throw refused('bad_text', 'Text may not contain NUL or half a surrogate pair.')
  }
}

const refused = (code: string, detail: string) =>
  new AppError(422, 'invalid', detail, { errors: [{ path: 'body', code }] })
