// Listeners that are no sockets of Bun's own: who is subscribed to what.

export type Crowd = ReturnType<typeof createCrowd>

interface Listener {
  send(text: string): unknown
}

/** What `server.publish` is for sockets, for everything else that carries frames. */
export function createCrowd() {
  const byTopic = new Map<string, Set<Listener>>()

  return {
    /** Requests that wait for something to be told: long polls. */
    waiting: 0,

    publish(topic: string, text: string) {
      for (const listener of byTopic.get(topic) ?? []) listener.send(text)
    },

    /** How many listen. */
    count: (topic: string): number => byTopic.get(topic)?.size ?? 0,

    subscribe(listener: Listener, topic: string) {
      const listeners = byTopic.get(topic)
      if (listeners) listeners.add(listener)
      else byTopic.set(topic, new Set([listener]))
    },

    unsubscribe(listener: Listener, topic: string) {
      const listeners = byTopic.get(topic)
      listeners?.delete(listener)
      if (listeners?.size === 0) byTopic.delete(topic)
    },
  }
}
