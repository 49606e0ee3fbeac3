// Which history the store holds: numbers that clients keep mean something in that one alone.

export interface EpochStore {
  /**
   * An opaque id, made with the store; the same at every start and on every node until `renew`.
   * Numbers (`seq`, `rev`) that were given out under another one say nothing of this store, also where they exist.
   */
  current(): string

  /**
   * Gives the store another id, for one that was put back from a copy, and resolves with how many sessions it ended.
   * All of them are, with tickets and subscriptions to notifications, since some may have been ended after the copy
   * was made; with `keepSignIns` none. Other nodes learn of it when they are started.
   */
  renew(options: { keepSignIns: boolean }): Promise<number>
}
