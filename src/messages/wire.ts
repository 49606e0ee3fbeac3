// A message as JSON text, made once: for the sender's answer, whatever the door, and for the frame that all members hear.
import type { Message } from './model'

const made = new WeakMap<Message, string>()

/** The text of a message, which is not to change from now on. */
export function textOf(message: Message): string {
  let text = made.get(message)
  if (text === undefined) made.set(message, (text = JSON.stringify(message)))
  return text
}
