// A map that remembers the keys used last.

export interface Recent<V> {
  /** Looking a key up uses it. */
  get(key: string): V | undefined
  /** The same without using it. */
  peek(key: string): V | undefined
  set(key: string, value: V): void
  delete(key: string): void
  /** All that it has, in no order that counts; what goes meanwhile is not told. */
  entries(): Iterable<[string, V]>
}

/**
 * Remembers at least the `most / 2` keys used last, and at most `most`. In two halves: when the younger one is full it
 * becomes the older one, which is forgotten but for what was used since. Unlike an `LRUCache` it takes no room for
 * keys that never come: most of a dozen limits stay nearly empty.
 */
export function recent<V>(most: number): Recent<V> {
  let young = new Map<string, V>()
  let old = new Map<string, V>()

  function set(key: string, value: V) {
    if (young.size >= most / 2 && !young.has(key)) {
      old = young
      young = new Map()
    }
    young.set(key, value)
  }

  return {
    get(key) {
      const value = young.get(key)
      if (value !== undefined) return value
      const older = old.get(key)
      if (older !== undefined) set(key, older)
      return older
    },

    peek: key => young.get(key) ?? old.get(key),

    set,

    delete(key) {
      young.delete(key)
      old.delete(key)
    },

    *entries() {
      yield* young
      for (const entry of old) if (!young.has(entry[0])) yield entry
    },
  }
}
