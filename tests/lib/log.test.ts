// The log of a process that ends cleanly has every line, in order.
import { expect, test } from 'bun:test'
import { join } from 'node:path'

const log = join(import.meta.dir, '../../src/ops/log.ts')

/** What a process writes that logs so many lines, some turns apart, and ends like this right after the last. */
async function linesOf(count: number, ending: string): Promise<number[]> {
  const script = `
    const { createLog } = await import(${JSON.stringify(log)})
    const log = createLog('info')
    for (let no = 0; no < ${count}; no++) {
      log.info({ no }, 'a line of which some hundred are more than what is written at once')
      if (no % 30 === 0) await new Promise(resolve => setImmediate(resolve))
    }
    ${ending}`
  const child = Bun.spawn([process.execPath, '-e', script], { stdout: 'pipe', stderr: 'inherit' })
  const text = await new Response(child.stdout).text()
  expect(await child.exited).toBe(0)
  return text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line).no)
}

const endings = {
  'a clean end': 'await log.end(); process.exit(0)',
  'nothing more to do': '',
}

for (const [name, ending] of Object.entries(endings)) {
  test(`all lines are written at ${name}`, async () => {
    for (const count of [1, 45, 1_000]) expect(await linesOf(count, ending)).toEqual([...Array(count).keys()])
  }, 30_000)
}

test('a log that nobody reads any more does not end the process', async () => {
  const script = `
    const { createLog } = await import(${JSON.stringify(log)})
    const log = createLog('info')
    process.on('uncaughtException', () => process.exit(3))
    for (let no = 0; no < 100; no++) {
      for (let i = 0; i < 100; i++) log.info({ no }, 'a line that goes nowhere')
      await new Promise(resolve => setImmediate(resolve))
    }
    await log.end()
    process.exit(0)`
  const child = Bun.spawn([process.execPath, '-e', script], { stdout: 'pipe', stderr: 'inherit' })
  await child.stdout.cancel()
  expect(await child.exited).toBe(0)
}, 30_000)
