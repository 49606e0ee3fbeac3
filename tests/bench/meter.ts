// Counts and times within a window, together with the processor time that client and server took.
import { readFile } from 'node:fs/promises'
import type { Job, Outcome } from './scenarios'
import { quantile } from './numbers'

export type Meter = ReturnType<typeof createMeter>

const TICKS_PER_SECOND = 100

/** Processor time of a process in µs, from Linux's /proc; null elsewhere. */
async function processorTimeOf(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  if (stat === null) return null
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1e6) / TICKS_PER_SECOND
}

export function createMeter() {
  let isOn = false
  let units = 0
  let times: number[] = []

  return {
    /** False once the window has passed: nothing more is to be sent. */
    isRunning: true,

    count() {
      if (isOn) units++
    },

    took(ms: number) {
      if (isOn) times.push(ms)
    },

    /** Lets the load run warm, then measures; resolves when the window has passed. */
    async watch({ pid, leadSeconds, seconds }: Job): Promise<Outcome> {
      await Bun.sleep(leadSeconds * 1000)
      const [began, serverBefore, clientBefore] = [
        Bun.nanoseconds(),
        await processorTimeOf(pid),
        process.cpuUsage(),
      ]
      isOn = true
      await Bun.sleep(seconds * 1000)
      isOn = false
      const micros = (Bun.nanoseconds() - began) / 1000
      const { user, system } = process.cpuUsage(clientBefore)
      const serverAfter = await processorTimeOf(pid)
      this.isRunning = false
      return {
        per_second: units / (micros / 1e6),
        p50_ms: quantile(times, 0.5),
        p99_ms: quantile(times, 0.99),
        client_share: (user + system) / micros,
        server_us: serverBefore && serverAfter && (serverAfter - serverBefore) / units,
      }
    },
  }
}
