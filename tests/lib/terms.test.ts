// Words in every script: what a message is found by, and where a search is met in it.
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { fold, foldWithOrigin } from '../../src/lib/folding'
import { messageTerms, soughtBy, termsOf } from '../../src/lib/terms'

/** What a search is met by in a text, as it is written there; null: the text has not every word. */
const met = (text: string, query: string) =>
  soughtBy(query)
    .rangesIn(text)
    ?.map(([start, end]) => text.slice(start, end)) ?? null

describe('folding', () => {
  test.each([
    ['Éric À L’ÉCOLE', 'eric a l’ecole'],
    ['Straße STRASSE STRAẞE', 'strasse strasse strasse'],
    ['İzmir IĞDIR ılık', 'izmir igdir ilik'],
    ['ΣΊΣΥΦΟΣ Σίσυφος', 'σισυφοσ σισυφοσ'],
    ['Ёлка Українська', 'елка украінська'],
    ['Łódź Ørsted æther', 'lodz orsted aether'],
    ['أَحْمَد مـــرحبا', 'احمد مرحبا'],
    ['שָׁלוֹם', 'שלום'],
    ['ｶﾞｿﾘﾝ Ｔｏｋｙｏ ① ﬁ', 'ガソリン tokyo 1 fi'],
    ['한글'.normalize('NFD'), '한글'],
    ['हिन्दी ไทย ខ្មែរ', 'हिन्दी ไทย ខ្មែរ'],
  ])('%p is %p', (text, folded) => {
    expect(fold(text)).toBe(folded.normalize('NFC'))
  })

  test('of what is folded changes nothing, and knows where everything came from', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        const folded = foldWithOrigin(text)
        expect(folded.text).toBe(fold(text))
        let before = 0
        for (let i = 0; i < folded.text.length; i++) {
          const [start, end] = folded.origin(i, i + 1)
          expect(start).toBeGreaterThanOrEqual(before)
          expect(end).toBeGreaterThan(start)
          expect(fold(text.slice(start, end)).includes(folded.text[i] as string)).toBeTrue()
          before = start
        }
      }),
    )
    for (let code = 0; code < 0x30000; code++) {
      const letter = fold(String.fromCodePoint(code))
      if (fold(letter) !== letter) throw new Error(`U+${code.toString(16)} is not folded to the end`)
    }
  })
})

describe('the words of a name', () => {
  test('are folded, distinct, and not more than asked for', () => {
    expect(termsOf('Ann-Sophie d’Été, ann')).toEqual(['ann', 'sophie', 'd', 'ete'])
    expect(termsOf('a b c', 2)).toEqual(['a', 'b'])
    expect(termsOf('हिन्दी')).toEqual(['हिन्दी'])
  })
})

describe('the terms of a message', () => {
  test.each([
    ['Déjà vu, déjà-VU!', ['deja', 'vu']],
    ["don't l'ami 3.14 a_b", ['don', 't', 'l', 'ami', '3', '14', 'a', 'b']],
    ['北京天安门', ['北京', '京天', '天安', '安门', '门']],
    ['好', ['好']],
    ['买iPhone手机', ['买', 'iphone', '手机', '机']],
    ['안녕 세계', ['안녕', '녕', '세계', '계']],
    ['🎉 👩‍👩‍👧 … \n', []],
    ['', []],
  ])('%p are %p', (text, terms) => {
    expect(messageTerms(text)).toEqual(terms)
  })

  test('are cut where a word is very long, and it is found all the same', () => {
    const word = 'x'.repeat(7_000)
    expect(messageTerms(word)).toEqual(['x'.repeat(40)])
    expect(soughtBy(word.slice(0, 100)).prefixes).toEqual(['x'.repeat(40)])
    expect(met(word, 'x'.repeat(60))).toEqual(['x'.repeat(60)])
    expect(met('x'.repeat(50), 'x'.repeat(60))).toBeNull()
  })
})

describe('a search', () => {
  test.each([
    ['Latin', 'Où est le Café Müller?', 'muller cafe', ['Café', 'Müller']],
    ['German', 'In der Weißstraße', 'WEISSSTR', ['Weißstr']],
    ['a part of a letter', 'Große Straße', 'stras', ['Straß']],
    ['Turkish', 'İstanbul ve Isparta', 'istanbul isparta', ['İstanbul', 'Isparta']],
    ['Greek', 'Ο Σίσυφος της ΟΔΟΥ', 'σισυφοσ οδ', ['Σίσυφος', 'ΟΔ']],
    ['Cyrillic', 'Зелёная ЁЛКА', 'елка зел', ['Зел', 'ЁЛКА']],
    ['Arabic', 'قَالَ أَحْمَدُ: السَّلامُ عليكم', 'احمد السلام', ['أَحْمَدُ', 'السَّلامُ']],
    ['Hebrew', 'אמר שָׁלוֹם לכולם', 'שלום', ['שָׁלוֹם']],
    ['Devanagari', 'यह हिन्दी कविता है', 'हिन्दी कवि', ['हिन्दी', 'कवि']],
    ['Thai', 'ฉันกินข้าวแล้ว', 'กินข้าว', ['กินข้าว']],
    ['Lao', 'ສະບາຍດີຊາວໂລກ', 'ຊາວ', ['ຊາວ']],
    ['Khmer', 'សួស្តីពិភពលោក', 'ពិភព', ['ពិភព']],
    ['Chinese', '我爱北京天安门', '北京 门', ['北京', '门']],
    ['Chinese beyond 16 bits', '在𠮷野家吃饭', '𠮷野', ['𠮷野']],
    ['Japanese', '東京スーパーでｶﾞｿﾘﾝを', 'スーパー ガソリン', ['スーパー', 'ｶﾞｿﾘﾝ']],
    ['Korean', '안녕하세요 세계', '하세 세', ['하세', '세']],
    ['Korean in parts', '안녕하세요'.normalize('NFD'), '하세', ['하세'.normalize('NFD')]],
    ['emoji between', '👩‍👩‍👧 déjà 🎉🎉 vu', 'vu dej', ['déj', 'vu']],
    ['accents as signs of their own', 'cafe\u0301 noir', 'café', ['cafe\u0301']],
    ['words of two scripts', '买iPhone手机', 'iph 手', ['iPh', '手']],
    ['what looks like a pattern', 'a.b (c) [d]*', '.* a (c', ['a', 'c']],
  ])('is met in %s', (_, text, query, wanted) => {
    expect(met(text, query)).toEqual(wanted)
  })

  test('is met only where every word begins a word', () => {
    expect(met('Hello world', 'hel wor')).toEqual(['Hel', 'wor'])
    expect(met('Hello world', 'hel orld')).toBeNull()
    expect(met('Hello world', 'hellos')).toBeNull()
    expect(met('हिन्दी', 'हन्द')).toBeNull()
    expect(met('我爱x爱你', '我爱你')).toBeNull()
    expect(met('어학', '학어')).toBeNull()
  })

  test('tells every place once, in order, as one where they touch', () => {
    const places = (text: string, query: string) => soughtBy(query).rangesIn(text)
    expect(places('to be, to Be or not TO', 'to b')).toEqual([
      [0, 2],
      [3, 4],
      [7, 9],
      [10, 11],
      [20, 22],
    ])
    expect(places('哈好哈', '哈 哈哈')).toBeNull()
    expect(places('哈哈哈 哈哈', '哈 哈哈')).toEqual([
      [0, 3],
      [4, 6],
    ])
    expect(places('abc', 'a ab abc')).toEqual([[0, 3]])
  })

  test('without any word is met nowhere', () => {
    for (const query of ['', ' \t', '…!?', '🎉', '.*', '\u0301', '%_'])
      expect(soughtBy(query).prefixes).toEqual([])
  })

  test('is met by a term for each of its prefixes', () => {
    const letters = fc.constantFrom(...'abßİéσςкш北京가나กขคि न्द👍 .\u0301'.split(''))
    const texts = fc.array(letters, { maxLength: 30 }).map(all => all.join(''))
    fc.assert(
      fc.property(texts, fc.nat(30), fc.nat(6), (text, at, length) => {
        const query = text.slice(at, at + length)
        const { prefixes, rangesIn } = soughtBy(query)
        if (prefixes.length === 0 || rangesIn(text) === null) return
        const terms = messageTerms(text)
        for (const prefix of prefixes) expect(terms.some(term => term.startsWith(prefix))).toBeTrue()
      }),
    )
  })
})
