// Words as people search for them, in any script: what a text is found by, and where in it a search is met.
import { fold, foldWithOrigin, isAscii } from './folding'

/** The distinct folded words of a text: runs of letters and digits of any script, at most `max`. */
export function termsOf(text: string, max = 32): string[] {
  return [...new Set(fold(text).match(/[\p{L}\p{N}\p{M}]+/gu) ?? [])].slice(0, max)
}

/**
 * Runs of letters, marks and digits, parted where a script with spaces meets one without. Words are taken as
 * UAX #29 cuts them, but for its rules about apostrophes and dots: `don't` is `don` and `t`, `l'ami` has `ami`.
 */
const RUNS =
  /(?<unspaced>[[\p{L}\p{N}\p{M}]&&[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]]+)|[[\p{L}\p{N}\p{M}]--[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]]+/gv

/** A longer word is found by its beginning. */
const MAX_TERM = 40

interface Run {
  text: string
  /** Where in the folded text it begins. */
  at: number
  isUnspaced: boolean
}

const runsOf = (folded: string): Run[] =>
  [...folded.matchAll(RUNS)].map(({ 0: text, index: at, groups }) => ({
    text,
    at,
    isUnspaced: groups?.unspaced !== undefined,
  }))

/**
 * What a message is found by: its folded words; of scripts without spaces every two neighbouring characters, and
 * the last one alone, so that each character begins a term.
 * Source: overlapping bigrams, as the CJK analysers of Lucene index Han, Kana and Hangul.
 */
export function messageTerms(content: string): string[] {
  const terms = new Set<string>()
  for (const { text, isUnspaced } of runsOf(fold(content))) {
    if (!isUnspaced) terms.add(cut(text))
    else for (const term of [...bigramsOf(text), [...text].at(-1) as string]) terms.add(term)
  }
  return [...terms]
}

/** At most `MAX_TERM` units, without half a character at the end. */
const cut = (word: string) => (word.length > MAX_TERM ? word.slice(0, MAX_TERM).toWellFormed() : word)

function bigramsOf(run: string): string[] {
  const characters = [...run]
  return characters.slice(1).map((character, i) => `${characters[i]}${character}`)
}

export type Range = [start: number, end: number]

/** What somebody looks for: every word of it, each at the beginning of a word, or anywhere in scripts without spaces. */
export interface Sought {
  /** A message with every word of it has, for each of these, a term that begins with it. Longest first; none: no word. */
  prefixes: string[]
  /** Where a text has the words, in UTF-16 units, ascending and apart; null where one of them is missing. */
  rangesIn(content: string): Range[] | null
}

export function soughtBy(query: string): Sought {
  const words = distinctRuns(runsOf(fold(query)))
  const prefixes = new Set(words.flatMap(prefixesOf))
  return {
    prefixes: [...prefixes].toSorted((a, b) => b.length - a.length),
    rangesIn(content) {
      const folded = foldWithOrigin(content)
      const placesOf = placesIn(folded.text)
      const found: Range[] = []
      for (const word of words) {
        const places = placesOf(word)
        if (places.length === 0) return null
        for (const at of places) found.push(folded.origin(at, at + word.text.length))
      }
      return joined(found)
    },
  }
}

const distinctRuns = (runs: Run[]): Run[] => [...new Map(runs.map(run => [run.text, run])).values()]

function prefixesOf({ text, isUnspaced }: Run): string[] {
  if (!isUnspaced) return [cut(text)]
  const bigrams = bigramsOf(text)
  return bigrams.length > 0 ? bigrams : [text]
}

/** Where in a folded text a word is met. */
function placesIn(text: string): (word: Run) => number[] {
  if (isAscii(text)) return word => beginnings(word.text, text)
  const runs = runsOf(text)
  const [unspaced, spaced] = [runs.filter(run => run.isUnspaced), runs.filter(run => !run.isUnspaced)]
  return word =>
    word.isUnspaced
      ? unspaced.flatMap(run => occurrences(word.text, run.text).map(place => run.at + place))
      : spaced.filter(run => run.text.startsWith(word.text)).map(run => run.at)
}

/** Most texts, and most of what is looked at: no run is cut out, since words there are of `a` to `z` and digits alone. */
const beginnings = (word: string, text: string): number[] =>
  occurrences(word, text).filter(at => at === 0 || !IS_WORD.test(text[at - 1] as string))

const IS_WORD = /[a-z0-9]/

function occurrences(part: string, text: string): number[] {
  const found: number[] = []
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + 1)) found.push(at)
  return found
}

/** In order, with those that touch made one. */
function joined(ranges: Range[]): Range[] {
  const apart: Range[] = []
  for (const [start, end] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = apart.at(-1)
    if (last && start <= last[1]) last[1] = Math.max(last[1], end)
    else apart.push([start, end])
  }
  return apart
}
