// What a setting is, and how the text of one is read.

/** A setting that is wrong or missing: one line that names it and the fix. The start ends with exit code 78. */
export class ConfigError extends Error {}

export interface Setting<T> {
  /** Other names it is also read by, for those who come from an older service. */
  aliases?: string[]
  /** As the documentation shows it. */
  shown: string
  meaning: string
  /** What holds when it is unset (or empty). */
  unset: T
  /** Turns text into the value, or throws with the fix. */
  read(text: string): T
}

export const setting = <T>(
  unset: T,
  shown: string,
  meaning: string,
  read: (text: string) => T,
  aliases?: string[],
): Setting<T> => ({
  aliases,
  shown,
  meaning,
  unset,
  read,
})

/** For the end of a `read`: says what the value must be. */
export const wrong = (fix: string): never => {
  throw new ConfigError(fix)
}

/** Of at most nine digits. */
export const whole = (lowest: number, highest: number) => (text: string) =>
  /^\d{1,9}$/.test(text) && Number(text) >= lowest && Number(text) <= highest
    ? Number(text)
    : wrong(`must be a whole number from ${lowest} to ${highest}`)

export const oneOf =
  <const W extends string>(...words: W[]) =>
  (text: string): W =>
    words.find(word => word === text) ?? wrong(`must be one of: ${words.join(', ')}`)

export const onOff = (text: string): boolean => oneOf('on', 'off')(text) === 'on'

export const anyText = (text: string): string | null => text

/** An address of one of these schemes, the first of which is shown. */
export const address =
  (...schemes: string[]) =>
  (text: string): string | null =>
    schemes.some(scheme => text.startsWith(`${scheme}://`)) && URL.canParse(text)
      ? text
      : wrong(`must be an address such as ${schemes[0]}://localhost/natter`)

/** Origins (RFC 6454) as browsers send them, or all. */
export const origins = (text: string): '*' | string[] => {
  if (text.trim() === '*') return '*'
  const list = text.split(',').map(origin => origin.trim())
  const good = list.every(origin => URL.canParse(origin) && new URL(origin).origin === origin)
  return good
    ? list
    : wrong('must be * or a comma-separated list of origins such as https://chat.example.com')
}

/** Names or addresses as in a `Host` header, without ports, or all. */
export const hosts = (text: string): '*' | string[] => {
  if (text.trim() === '*') return '*'
  const list = text.split(',').map(host => host.trim().toLowerCase())
  return list.every(host => /^(\[[0-9a-f:.]+\]|[a-z0-9._-]{1,253})$/.test(host))
    ? list
    : wrong('must be * or a comma-separated list of names without ports such as chat.example.com')
}

/** An http address that others are put behind, without the slash at its end. */
export const base = (text: string): string | null => {
  const url = text.length <= 500 ? URL.parse(text) : null
  const isBase = url && /^https?:$/.test(url.protocol) && !url.search && !url.hash && !url.username
  return isBase
    ? url.href.replace(/\/+$/, '')
    : wrong('must be an http or https address such as https://chat.example.com')
}
