// Loaded into the server under test: writes down the longest time that its loop was busy without a turn for others.
// Measured in processor time of the thread that runs the loop, so what else runs on the machine does not count.
import { closeSync, openSync, readSync } from 'node:fs'

const { FUZZ_WATCH } = process.env
const buffer = Buffer.alloc(64)

/** Milliseconds that the main thread has been on a processor. */
function processorTime(file: number): number {
  const size = readSync(file, buffer, 0, buffer.length, 0)
  return Number(buffer.toString('latin1', 0, size).split(' ')[0]) / 1e6
}

if (FUZZ_WATCH) {
  const longest = new Float64Array(Bun.mmap(FUZZ_WATCH).buffer)
  const file = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r')
  let before = processorTime(file)
  const look = () => {
    const now = processorTime(file)
    longest[0] = Math.max(longest[0] ?? 0, now - before)
    before = now
  }
  setInterval(look, 1).unref()
  process.on('exit', () => closeSync(file))
}
