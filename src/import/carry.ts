// Carries an older service's people, chats and messages over. What is here already is found again, never doubled.
import type { MessageType } from '../chats/model'
import { MAX_CONTENT } from '../messages/model'
import type { NewMessage } from '../messages/store'
import type { OldDatabase } from '../storage/olddatabase'
import type { Stores } from '../storage/stores'
import { idFor } from './ids'
import { createPeople } from './people'
import { createReport, type Report } from './report'
import { createRooms, type Room } from './rooms'
import type { OldMessage, Source } from './source'

/** Messages stored together. */
const AT_ONCE = 500

const TYPES = new Set<string>(['text', 'image', 'video', 'audio', 'file'])

export interface Carrying {
  onProgress(done: number): void
  /** Asked before each batch: true ends the run early, and a later run goes on. */
  isStopped(): boolean
}

/** Answers what was done; throws where a store fails. Safe to repeat, also after a kill. */
export async function carryOver(
  from: string,
  source: Source,
  db: OldDatabase,
  stores: Pick<Stores, 'users' | 'chats' | 'messages'>,
  { onProgress, isStopped }: Carrying,
): Promise<Report> {
  const report = createReport()
  const people = createPeople(stores.users, from, report)
  const rooms = createRooms(stores.chats, from, people.idOf, report)
  /** By chat and person: up to where they have read. */
  const read = new Map<string, Map<string, number>>()
  let latest = new Date(0)
  let done = 0

  function toNew(old: OldMessage, { id: chat_id, isGroup, members }: Room, sender_id: string): NewMessage {
    latest = old.at ?? latest
    const other = members.find(id => id !== sender_id) ?? sender_id
    return {
      id: idFor(latest, from, 'message', old.key),
      chat_id,
      client_id: `${from}:${old.key}`,
      sender_id,
      receiver_id: isGroup ? null : other,
      content: old.content,
      message_type: TYPES.has(old.message_type ?? '') ? (old.message_type as MessageType) : 'text',
      created_at: latest.toISOString(),
    }
  }

  async function prepare(old: OldMessage) {
    const sender = people.idOf(old.sender)
    if (!sender) return void report.leaveOut('message of somebody unknown', old.key)
    if (old.content.trim() === '') return void report.leaveOut('message without content', old.key)
    const room = await rooms.find(old.chat)
    if (!room) return void report.leaveOut('message in a chat that is not there', old.key)
    if (!room.members.includes(sender))
      report.leaveOut('sender who is no member (carried over all the same)', old.key)
    return { isRead: old.isRead, room, message: toNew(old, room, sender) }
  }

  /** Given to the store in their order, which gives each chat's their places in that order. */
  async function store(batch: OldMessage[]) {
    const ready = []
    for (const old of batch) {
      const prepared = await prepare(old)
      if (prepared) ready.push(prepared)
    }
    const stored = await Promise.all(ready.map(({ message }) => stores.messages.append(message)))
    for (const [i, answer] of stored.entries()) {
      if (!answer) {
        report.leaveOut(
          'message in a chat that was deleted here',
          (ready[i] as (typeof ready)[number]).message.client_id,
        )
        continue
      }
      report.counts[answer.isNew ? 'messages' : 'repeated']++
      const { isRead, room, message } = ready[i] as (typeof ready)[number]
      if (isRead) noteRead(room, message.sender_id, answer.message.seq)
    }
    done += batch.length
    onProgress(done)
  }

  function noteRead({ id, members }: Room, sender: string, seq: number) {
    const positions = read.get(id) ?? new Map<string, number>()
    read.set(id, positions)
    for (const member of members) if (member !== sender) positions.set(member, seq)
  }

  /** Never back: people may have read on here since an earlier run. */
  async function markRead() {
    for (const [chatId, positions] of read) {
      const [membership] = await stores.chats.memberships([chatId])
      for (const { user_id, read_seq } of membership?.members ?? []) {
        const seq = positions.get(user_id) ?? 0
        if (seq > read_seq) await stores.chats.markRead(chatId, user_id, seq)
      }
    }
  }

  await people.carryAll(source.people(db))
  await rooms.carryAll(source.chats(db))
  let batch: OldMessage[] = []
  for await (const old of source.messages(db)) {
    batch.push(...piecesOf(old))
    if (batch.length < AT_ONCE) continue
    if (isStopped()) return report
    await store(batch)
    batch = []
  }
  await store(batch)
  await markRead()
  return report
}

const PIECE = new RegExp(`[^]{1,${MAX_CONTENT}}(?<![\\ud800-\\udbff])`, 'g')

/** A text longer than a message may be goes on in the next one; no letter is cut in two. */
function piecesOf(old: OldMessage): OldMessage[] {
  if (old.content.length <= MAX_CONTENT) return [old]
  const pieces = old.content.match(PIECE) ?? []
  return pieces.map((content, i) => ({ ...old, content, key: i === 0 ? old.key : `${old.key}/${i + 1}` }))
}
