// The log of a process that ends cleanly has every line, in order.
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { lineOf } from '../../src/ops/lines'

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

const errorIn = (line: string) => JSON.parse(line).err

test('an error is told with its kind, its code, its stack and what caused it', () => {
  const error = Object.assign(new TypeError('cannot', { cause: new Error('since') }), { code: 'EX' })
  const told = errorIn(lineOf(50, { err: error }, 'oops'))
  expect(told).toMatchObject({
    type: 'TypeError',
    message: 'cannot',
    code: 'EX',
    cause: { message: 'since' },
  })
  expect(told.stack).toContain('log.test.ts')
  expect(errorIn(lineOf(50, { err: new AggregateError([error]) }, 'oops')).errors).toMatchObject([
    { code: 'EX' },
  ])
  expect(errorIn(lineOf(50, { err: 'a word' }, 'oops'))).toBe('a word')
})

test('facts that are no JSON lose their line its facts, not the line, and no line is two', () => {
  const circle: { self?: object } = {}
  circle.self = circle
  for (const facts of [circle, { count: 1n }, { err: Object.assign(new Error('a\nb'), { circle }) }]) {
    const line = lineOf(40, facts, 'odd\nfacts')
    expect(line.trimEnd()).not.toContain('\n')
    expect(JSON.parse(line)).toMatchObject({ level: 40, msg: 'odd\nfacts' })
  }
})

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
