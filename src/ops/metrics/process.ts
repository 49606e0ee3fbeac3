// What the process takes from the machine, by the names that every Prometheus client library gives it.
import { readdirSync } from 'node:fs'
import { limitOfOpenFiles } from '../openfiles'
import type { Family } from './exposition'

const STARTED = Date.now() / 1000 - process.uptime()

const gauge = (name: string, help: string, value: number | null): Family[] =>
  value === null ? [] : [{ name, help, type: 'gauge', samples: [{ value }] }]

export function processFamilies(): Family[] {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed, external } = process.memoryUsage()
  return [
    {
      name: 'process_cpu_seconds_total',
      help: 'Processor time of the process, in seconds.',
      type: 'counter',
      samples: [{ value: (user + system) / 1e6 }],
    },
    ...gauge('process_resident_memory_bytes', 'Memory of the process.', rss),
    ...gauge('process_heap_bytes', 'Of it what JavaScript holds.', heapUsed),
    ...gauge('process_external_memory_bytes', 'Of it what JavaScript holds outside of its heap.', external),
    ...gauge('process_open_fds', 'Open files and connections.', openFiles()),
    ...gauge('process_max_fds', 'How many there may be.', limitOfOpenFiles()),
    ...gauge('process_start_time_seconds', 'When the process started, since 1970.', STARTED),
    ...gauge('process_uptime_seconds', 'For how long it runs.', process.uptime()),
  ]
}

/** Null where the system does not tell, as everywhere but on Linux. */
function openFiles(): number | null {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return null
  }
}
