/// <reference path="./assets.d.ts" />
// Hashing passwords on all cores, out of everybody's way: in threads that step back behind all others.
import { availableParallelism } from 'node:os'
import program from './hasher.js' with { type: 'file' }

/** argon2id at OWASP's minimum: 19 MiB, two passes. Source: OWASP Password Storage Cheat Sheet. */
export const HASHING = { algorithm: 'argon2id', memoryCost: 19_456, timeCost: 2 } as const

export interface Hashing {
  /** How many may run at once, so that everything else is still served. */
  atOnce: number
  hash(password: string): Promise<string>
  /** Rejects where the hash is of no kind that is known. */
  verify(password: string | Uint8Array, hash: string): Promise<boolean>
}

/** A thread that had nothing to do for so long ends, and gives back its 10 MB, and what hashes took. */
const IDLE_MS = 10_000

type Job = { password: string | Uint8Array; hash: string } | { password: string; options: typeof HASHING }
type Answer = { result: unknown } | { error: Error }

interface Thread {
  worker: Worker
  answer: PromiseWithResolvers<Answer>
  ending?: Timer
}

/**
 * `Bun.password` in threads of its own, started when they are needed (some ms) and ended when they are not. Its own
 * asynchronous form works on the threads that sign and check tokens, read files and unpack: they would wait for
 * hashes, and the event loop would share its core with them. Threads have a priority of their own on Linux alone, so
 * elsewhere a core stays free.
 */
export function createHashing(idleMs = IDLE_MS): Hashing {
  const cores = availableParallelism()
  const idle: Thread[] = []

  function startThread(): Thread {
    const thread = { worker: new Worker(program), answer: Promise.withResolvers<Answer>() }
    thread.worker.onmessage = ({ data }) => thread.answer.resolve(data)
    thread.worker.onerror = ({ message }) => thread.answer.reject(new Error(message))
    thread.worker.addEventListener('close', () => {
      leave(thread)
      thread.answer.reject(new Error('A thread that hashes ended.'))
    })
    return thread
  }

  /** Those that worked last come first, so that those that are not needed any more end. */
  function takeThread(): Thread {
    const thread = idle.pop() ?? startThread()
    clearTimeout(thread.ending)
    return thread
  }

  function putBack(thread: Thread) {
    idle.push(thread)
    thread.ending = setTimeout(() => end(thread), idleMs)
  }

  function end(thread: Thread) {
    leave(thread)
    thread.worker.terminate()
  }

  function leave(thread: Thread) {
    const at = idle.indexOf(thread)
    if (at !== -1) idle.splice(at, 1)
  }

  /** A thread that ends instead of answering, for want of memory, is not put back. */
  async function run(job: Job): Promise<unknown> {
    const thread = takeThread()
    thread.answer = Promise.withResolvers()
    thread.worker.postMessage(job)
    const answer = await thread.answer.promise
    putBack(thread)
    if ('error' in answer) throw answer.error
    return answer.result
  }

  return {
    atOnce: process.platform === 'linux' ? cores : Math.max(1, cores - 1),
    hash: password => run({ password, options: HASHING }) as Promise<string>,
    verify: (password, hash) => run({ password, hash }) as Promise<boolean>,
  }
}
