// Acknowledging what was sent: in one write with all that the socket hears in the same turn, and before it.
import type { Socket } from './socket'
import { newOwnTopic } from './topics'

/**
 * Topics are written out at the end of a turn, and who was told first comes last: where more than these hear of
 * something, at some 5 µs each, an `ack` does not wait for all their writes.
 */
const FEW = 100

/** `listeners` tells how many hear a topic. */
export function createAcks(listeners: (topic: string) => number) {
  /** Of what is about to be told in this turn, at most. */
  let audience = 0

  return {
    /** Something is about to be told there. */
    expect(topic: string) {
      audience = Math.max(audience, listeners(topic))
    },

    /** All that was expected is told. */
    told() {
      audience = 0
    },

    acknowledge(ws: Socket, text: string) {
      const { data } = ws
      if (audience > FEW) return void ws.send(text)
      if (data.ownTopic === null) ws.subscribe((data.ownTopic = newOwnTopic()))
      ws.publish(data.ownTopic, text)
    },
  }
}
