// The load: a process that is given a job on standard input, does it, and prints what it saw.
import { ask, signIn } from './asking'
import { answerBeside } from './beside'
import type { Job } from './jobs'
import { sendAll } from './sending'
import { openStorm, weighSockets } from './storms'

function outcomeOf(job: Job) {
  switch (job.door) {
    case 'socket':
    case 'post':
      return sendAll(job, job)
    case 'get':
      return ask(job, job)
    case 'login':
      return signIn(job, job)
    case 'storm':
      return openStorm(job, job)
    case 'memory':
      return weighSockets(job, job)
    case 'beside':
      return answerBeside(job, job)
  }
}

console.log(JSON.stringify(await outcomeOf((await Bun.stdin.json()) as Job)))
// Not left to each door: the connections end with the process.
process.exit(0)
