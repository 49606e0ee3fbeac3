// How long others wait while many people sign in at once.
import type { Beside, Job, Outcome } from './jobs'
import { createMeter } from './meter'
import { mustBeFine, openKept, requestOf } from './requests'

const CONNECTIONS = 8
const EACH_MS = 40
const REFUSED = 503
const AGAIN_MS = 1_000

/** Its figure is the p99 in ms of requests at a steady pace (200 a second), timed from when each was due. */
export async function answerBeside(job: Job, { token, path, usernames, password }: Beside): Promise<Outcome> {
  const meter = createMeter()
  const request = requestOf(job.url, 'GET', path, token)
  for (let i = 0; i < CONNECTIONS; i++) await askSteadily(i)
  const watched = meter.watch(job)
  await Bun.sleep(job.leadSeconds * 1000)
  for (const username of usernames) void signIn(username)
  const outcome = await watched
  return { ...outcome, value: outcome.p99_ms ?? NaN }

  async function askSteadily(no: number) {
    let due: number[] = []
    const wire = await openKept(job.url, answer => {
      mustBeFine(answer)
      const [first = 0] = due.splice(0, 1)
      meter.took(performance.now() - first)
      meter.count()
      if (due.length > 0) wire.write(request)
    })
    const ask = () => {
      due.push(performance.now())
      if (due.length === 1) wire.write(request)
    }
    setTimeout(() => setInterval(ask, EACH_MS), (no * EACH_MS) / CONNECTIONS)
  }

  /** Who is refused because too many come at once tries again. */
  async function signIn(username: string) {
    const attempt = requestOf(job.url, 'POST', '/auth/login', null, { username, password })
    const wire = await openKept(job.url, answer => {
      if (answer.status === REFUSED) setTimeout(() => wire.write(attempt), AGAIN_MS)
      else mustBeFine(answer)
    })
    wire.write(attempt)
  }
}
