// One server under one request again and again: what it costs the server, and how long it takes.
import { readdirSync, readFileSync } from 'node:fs'
import { quantile } from '../numbers'
import type { Asked } from './requests'

export interface Sample {
  /** Processor time of the server for each request, in µs. */
  cpu: number
  p50: number
  p99: number
}

/** Processor time of all threads of a process, in µs, from Linux's /proc. */
export function processorTime(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  const times = threads.map(thread =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  )
  return times.reduce((sum, time) => sum + time, 0) / 1000
}

/** One request; an answer that is an error is one here too. */
export async function ask(url: string, token: string, { method = 'GET', path, json }: Asked): Promise<any> {
  const headers: Record<string, string> = { authorization: `Bearer ${token}` }
  if (json) headers['content-type'] = 'application/json'
  const answer = await fetch(url + path, { method, headers, body: json && JSON.stringify(json) })
  const body = await answer.json()
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status} ${JSON.stringify(body)}`)
  return body
}

/** One after the other for so long (ms), at least 20 times. */
export async function measure(pid: number, ms: number, once: () => Promise<unknown>): Promise<Sample> {
  const times: number[] = []
  const [began, before] = [performance.now(), processorTime(pid)]
  while (times.length < 20 || performance.now() - began < ms) {
    const at = performance.now()
    await once()
    times.push(performance.now() - at)
  }
  const cpu = (processorTime(pid) - before) / times.length
  return { cpu, p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
}
