// Names of files: made harmless when they come, and told so that every browser reads them.

export const MAX_FILE_NAME = 255

/** Control characters, and those that turn the direction of what follows: `gpj.exe` shown as `exe.jpg`. */
const HARMFUL = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** As forms write what would end the name early (WHATWG HTML, multipart/form-data encoding). */
const ESCAPES: Record<string, string> = { '%22': '"', '%0D': '', '%0A': '' }

/**
 * A name for show: the last part of a path, without harmful characters, at most 255 UTF-16 units, of which the ending
 * is kept; `file` where nothing is left. Never used as a path.
 */
export function cleanName(name: string): string {
  const plain = name
    .toWellFormed()
    .replace(/%22|%0D|%0A/gi, escape => ESCAPES[escape.toUpperCase()] ?? '')
    .replace(HARMFUL, '')
  const last = plain.split(/[\\/]/).at(-1)?.trim() ?? ''
  return shorten(last.normalize('NFC')).replace(/^\.+$/, '') || 'file'
}

function shorten(name: string): string {
  if (name.length <= MAX_FILE_NAME) return name
  const [ending = ''] = /\.[^.\s]{1,20}$/.exec(name) ?? []
  return name.slice(0, MAX_FILE_NAME - ending.length).replace(/[\ud800-\udbff]$/, '') + ending
}

/** Windows knows no file with one of them. */
const UNUSUAL = /[<>:"|?*]|[. ]+$/g

/** A name from `cleanName` for a file on any disk: at most `maxBytes` in UTF-8, of which the ending is kept. */
export function diskName(name: string, maxBytes: number): string {
  const plain = name.replace(UNUSUAL, '_')
  const [ending = ''] = /\.[^.\s]{1,20}$/.exec(plain) ?? []
  const letters = Array.from(plain.slice(0, plain.length - ending.length))
  while (Buffer.byteLength(letters.join('') + ending) > maxBytes) letters.pop()
  return letters.join('') + ending
}

/**
 * A `Content-Disposition` with the name twice: in ASCII for old clients, and whole (RFC 6266, 4.3 and RFC 8187).
 */
export function dispositionOf(kind: 'inline' | 'attachment', name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, '_')
  const whole = encodeURIComponent(name).replace(
    /['()*]/g,
    sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${whole}`
}
