// Random bits that nobody guesses.

/** From the system's generator. Web Crypto is there at once; `node:crypto` would slow down every start. */
export const randomBytes = (count: number): Buffer =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(count)).buffer)
