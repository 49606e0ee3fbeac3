// Requests that are answered from what is stored, and sign-ins: each connection with one under way.
import type { Asking, Job, Outcome, SigningIn } from './jobs'
import { closedLoop, inTurn } from './loop'
import { createMeter } from './meter'
import { mustBeFine, openKept, requestOf, type Answer } from './requests'

export function ask(job: Job, { token, connections, paths, items }: Asking): Promise<Outcome> {
  const requests = paths.map(path => requestOf(job.url, 'GET', path, token))
  return run(job, connections, requests, answer => {
    const found = answer.body().items as unknown[]
    if (found.length !== items) throw new Error(`An answer has ${found.length} items instead of ${items}.`)
  })
}

export function signIn(job: Job, { usernames, connections, password }: SigningIn): Promise<Outcome> {
  const requests = usernames.map(username =>
    requestOf(job.url, 'POST', '/auth/login', null, { username, password }),
  )
  return run(job, connections, requests, answer => {
    if (typeof answer.body().access_token !== 'string') throw new Error('A sign-in without a token.')
  })
}

/** The first answer of each connection is looked at; of the others only the status. */
async function run(job: Job, connections: number, requests: Buffer[], check: (answer: Answer) => void) {
  const meter = createMeter()
  const loops = await Promise.all(
    Array.from({ length: connections }, async (_, i) => {
      const loop = closedLoop(inTurn(requests, i), meter, meter.count)
      let isFirst = true
      const wire = await openKept(job.url, answer => {
        mustBeFine(answer)
        if (isFirst) check(answer)
        isFirst = false
        loop.answered()
      })
      return { loop, wire }
    }),
  )
  for (const { loop, wire } of loops) loop.start(wire)
  return meter.watch(job)
}
