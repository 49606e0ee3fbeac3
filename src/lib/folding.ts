// Text as people compare it: without case and accents, and from where in the original each part came.

/**
 * What is folded together: a character with the marks that follow it, or a Hangul syllable written as
 * its parts. These are the pieces of UAX #29 (grapheme clusters) that normalisation may join. No syllable begins
 * with more than four consonants; without a bound, a text of nothing else is looked through from each of them.
 */
const UNIT =
  /[\u1100-\u115f\ua960-\ua97c]{1,4}[\u1160-\u11a7\ud7b0-\ud7c6]+[\u11a8-\u11ff\ud7cb-\ud7fb]*|.[\p{M}\uff9e\uff9f\xad\u0640\u200b-\u200d\u2060\ufeff]*/gsv

/** Marks that are accents or points; vowel signs of Indic and Thai words are letters to their readers. */
const ACCENTS =
  /[[\p{M}&&[\p{sc=Zinh}\p{sc=Latn}\p{sc=Grek}\p{sc=Cyrl}\p{sc=Hebr}\p{sc=Arab}\p{sc=Syrc}]]--[\u3099\u309a]]/gv

/** Seen, if at all, as nothing: soft hyphens, joiners, and the stroke that stretches Arabic words. */
const NOTHING = /[\xad\u0640\u200b-\u200d\u2060\ufeff]/g

/** Letters that Unicode does not take apart, though people type them without their strokes. */
const STROKES: Record<string, string> = { ø: 'o', ł: 'l', đ: 'd', ħ: 'h', ŧ: 't', æ: 'ae', œ: 'oe' }

export const isAscii = (text: string) => /^[\0-\x7f]*$/.test(text)

/** Most texts are made of few different characters. */
const known = new Map<string, string>()
const MAX_KNOWN = 20_000

function foldUnit(unit: string): string {
  const before = known.get(unit)
  if (before !== undefined) return before
  const folded = unit
    .normalize('NFKD')
    .replace(ACCENTS, '')
    .replace(NOTHING, '')
    // Down, up and down again folds what one way leaves apart: ẞ, ß and ss; ς and σ; ı and i.
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replace(/[øłđħŧæœ]/g, letter => STROKES[letter] as string)
    .normalize('NFC')
  if (known.size < MAX_KNOWN && unit.length <= 8) known.set(unit, folded)
  return folded
}

/**
 * Folds text for comparison: compatibility forms joined, accents dropped, case folded; `Éric` and `eric`, `Straße`
 * and `STRASSE`, `İzmir` and `izmir` fold alike. Folding what is folded changes nothing.
 * Sources: Unicode UAX #15 (NFKD, then NFC of what is left), case folding by way of upper case.
 */
export const fold = (text: string): string =>
  isAscii(text) ? text.toLowerCase() : text.replace(UNIT, foldUnit)

export interface Folded {
  text: string
  /** Where in the original the part from `start` to `end` of the folded text came from, in UTF-16 units. */
  origin(start: number, end: number): [start: number, end: number]
}

/** Folds like `fold` and remembers where everything came from; a part of a unit comes from all of it. */
export function foldWithOrigin(original: string): Folded {
  if (isAscii(original)) return { text: original.toLowerCase(), origin: (start, end) => [start, end] }
  const starts: number[] = []
  const ends: number[] = []
  let text = ''
  for (const { 0: unit, index } of original.matchAll(UNIT)) {
    const folded = foldUnit(unit)
    for (let i = 0; i < folded.length; i++) {
      starts.push(index)
      ends.push(index + unit.length)
    }
    text += folded
  }
  return { text, origin: (start, end) => [starts[start] ?? 0, ends[end - 1] ?? 0] }
}
