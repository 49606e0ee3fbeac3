// What a deleted chat leaves behind: members, messages and all about them, removed after it became unknown.
import type { Collections } from './collections'
import { removeFromIndex } from './search'

const SLICE = 5_000

/** Removes the rows of a chat that is marked deleted, in the background: nobody sees them any more. */
export function removeSoon(collections: Collections, chatId: string): void {
  // What a crash, a lost connection or the end of the process leaves is removed at the next open.
  removeRows(collections, chatId).catch(() => {})
}

/** Takes up the deletions that were cut. */
export async function finishDeletions(collections: Collections): Promise<void> {
  const cut = await collections.chats
    .find({ deleted_at: { $gt: new Date(0) } })
    .project<{ _id: string }>({ _id: 1 })
    .toArray()
  for (const { _id } of cut) removeSoon(collections, _id)
}

async function removeRows(collections: Collections, chatId: string): Promise<void> {
  const { chats, members, messages, hidden, saved, scheduled, invites, requests } = collections
  await members.deleteMany({ chat_id: chatId })
  await invites.deleteMany({ chat_id: chatId })
  await requests.deleteMany({ chat_id: chatId })
  await hidden.deleteMany({ chat_id: chatId })
  await saved.deleteMany({ chat_id: chatId })
  await scheduled.deleteMany({ chat_id: chatId })
  await removeFromIndex(collections, chatId)
  await removeMessages(messages, chatId)
  // The mark goes last: until then the next open finds it.
  await chats.deleteOne({ _id: chatId })
}

/** In slices, so that no single command of a long chat runs into the time limit. */
async function removeMessages(messages: Collections['messages'], chatId: string): Promise<void> {
  for (;;) {
    const nextSlice = await messages
      .find({ chat_id: chatId })
      .project<{ seq: number }>({ seq: 1 })
      .sort({ seq: 1 })
      .skip(SLICE)
      .limit(1)
      .next()
    if (!nextSlice) break
    await messages.deleteMany({ chat_id: chatId, seq: { $lt: nextSlice.seq } })
  }
  await messages.deleteMany({ chat_id: chatId })
}
