// How a socket speaks: the frames of /ws, or those of an older API that the same hub serves.
import type { ChatEvent } from '../events'
import type { ClientFrame } from './protocol'

export interface SocketDialect {
  /** Begins the names of its topics. */
  name: string
  /** What a client said, as a frame of /ws; throws an `AppError` for anything else. */
  read(text: string): ClientFrame
  /** What all members of a chat hear of an event: made once, however many listen. Null: nothing. */
  showEvent(event: ChatEvent): string | null
  /** What one socket is told, given as a frame of /ws. Null: nothing. */
  showFrame(frame: Record<string, unknown>): string | null
  /** The same of a frame of /ws that is text already, where many are told the same. */
  showText(type: string, text: string): string | null
  /** Whether `hello` is told. Where it is not, the socket hears its chats from the moment it is open. */
  greets: boolean
}
