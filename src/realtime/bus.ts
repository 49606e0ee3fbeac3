// The events of this process, told to everyone in it who listens.
import type { Events, NatterEvent } from '../events'

type Listener = (event: NatterEvent) => void

/** `report` hears of listeners that throw; the others and the publisher do not. */
export function createBus(report: (error: unknown) => void): Events {
  const listeners = new Set<Listener>()

  return {
    publish(event) {
      for (const listener of listeners) {
        try {
          listener(event)
        } catch (error) {
          report(error)
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
