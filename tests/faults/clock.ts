// Loaded into a server before all else: its wall clock follows a file, and timers go on as they are.
import { readFileSync } from 'node:fs'

const file = process.env.FAULTS_CLOCK as string
const trueNow = Date.now.bind(Date)
let offset = 0

const read = () => {
  offset = Number(readFileSync(file, 'utf8'))
}
read()
setInterval(read, 10).unref()

const now = () => trueNow() + offset

globalThis.Date = new Proxy(Date, {
  construct: (target, args) => (args.length === 0 ? new target(now()) : Reflect.construct(target, args)),
  get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
})
