// What was said: texts of eight words out of two thousand, always the same ones.
const SYLLABLES = 'ba be bi bo bu da de di do du ka ke ki ko ku la le li lo lu'.split(' ')
const WORDS = 2_000
const TEXTS = 4_096

/** No word begins with another one, so that the beginning of a word finds it alone. */
export const wordAt = (no: number): string =>
  [no % 20, Math.floor(no / 20) % 20, Math.floor(no / 400) % 20].map(part => SYLLABLES[part]).join('')

/** A linear congruential generator (Numerical Recipes). */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

export function someTexts(): string[] {
  const draw = numbersFrom(42)
  return Array.from({ length: TEXTS }, () => Array.from({ length: 8 }, () => wordAt(draw(WORDS))).join(' '))
}

/** Words that are searched for: each is in one text of 250. */
export const soughtWords = Array.from({ length: 64 }, (_, i) => wordAt(i * 31))
