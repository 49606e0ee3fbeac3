// How the process stays alive, and how it ends.
import type { Log, WholeLog } from './log'

/** Nothing that goes wrong in one request or socket ends the process: it is logged instead. */
export function surviveErrors(log: Log) {
  process.on('unhandledRejection', error => log.error({ err: error }, 'unhandled rejection'))
  process.on('uncaughtException', error => log.error({ err: error }, 'uncaught exception'))
}

interface Stoppable {
  server: { pendingRequests: number; stop(close?: boolean): Promise<void> } | null
}

/** After this the process ends, whatever is still open. */
const DEADLINE_MS = 9_000

/**
 * On SIGTERM or SIGINT: new work is refused, what is in flight is finished, sockets are closed with 1012,
 * what is only `noted` is stored, the store is closed, and the process exits with 0, within 10 seconds.
 */
export function endCleanly(
  log: WholeLog,
  app: () => Stoppable,
  { hub, crowd }: { hub: { drain(): void; size: number }; crowd: { waiting: number } },
  noted: () => Promise<void>,
  stores: { close(): Promise<void> },
  stopRounds: () => void,
) {
  const draining = { begun: false }

  async function end() {
    if (draining.begun) return
    draining.begun = true
    log.info('stopping')
    stopRounds()
    setTimeout(() => process.exit(0), DEADLINE_MS).unref()
    const { server } = app()
    // Requests under way may still speak to sockets, so they end first; both have the same deadline.
    const stopped = server?.stop(false)
    await until(() => (server?.pendingRequests ?? 0) <= crowd.waiting, DEADLINE_MS / 2)
    hub.drain()
    await until(() => hub.size === 0 && (server?.pendingRequests ?? 0) === 0, DEADLINE_MS / 4)
    await server?.stop(true)
    await stopped
    await noted().catch(err => log.warn({ err }, 'not all was noted'))
    await stores.close()
    log.info('stopped')
    await log.end()
    process.exit(0)
  }

  process.on('SIGTERM', () => void end())
  process.on('SIGINT', () => void end())
  return draining
}

async function until(done: () => boolean, ms: number) {
  const deadline = performance.now() + ms
  while (!done() && performance.now() < deadline) await Bun.sleep(10)
}
