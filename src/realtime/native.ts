// The dialect of /ws itself: frames as `protocol.ts` documents them.
import type { SocketDialect } from './dialect'
import { readFrame } from './protocol'
import { frameOf } from './telling'

export const native: SocketDialect = {
  name: 'chat',
  read: readFrame,
  showEvent: event => JSON.stringify(frameOf(event)),
  showFrame: frame => JSON.stringify(frame),
  showText: (_, text) => text,
  greets: true,
}
