// Counts and times within a window, together with the processor time that client and server took.
import type { Job, Outcome } from './jobs'
import { quantile } from './numbers'
import { processorTimeOf } from './proc'

export type Meter = ReturnType<typeof createMeter>

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
        value: units / (micros / 1e6),
        p50_ms: times.length > 0 ? quantile(times, 0.5) : null,
        p99_ms: times.length > 0 ? quantile(times, 0.99) : null,
        client_share: (user + system) / micros,
        server_us: serverBefore && serverAfter && units > 0 ? (serverAfter - serverBefore) / units : null,
        acknowledged: 0,
      }
    },
  }
}
