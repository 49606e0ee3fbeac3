// What runs in a thread of `hashing.ts`: hashes and checks passwords, one after the other, behind everybody else.
// No TypeScript: an executable has this file inside as it is here, and a thread starts from its path.
import { readlinkSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'

/** A tenth of what others get where all cores are wanted, so that sign-ins never come to a halt. */
const STEPS_BACK = 10
const LOWEST = 19

/** Linux has a priority for each thread; elsewhere there is no such path, and this one keeps that of the process. */
function stepBack() {
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1))
    setPriority(thread, Math.min(getPriority(thread) + STEPS_BACK, LOWEST))
  } catch {}
}

function answerTo({ password, hash, options }) {
  try {
    if (hash === undefined) return { result: Bun.password.hashSync(password, options) }
    return { result: Bun.password.verifySync(password, hash) }
  } catch (error) {
    return { error }
  }
}

stepBack()
self.onmessage = ({ data }) => postMessage(answerTo(data))
