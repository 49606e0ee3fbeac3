// Messages to be sent later: at their time, exactly once, also over a restart.
import { mustBeAllowedToWrite } from '../chats/roles'
import type { Chats } from '../chats/service'
import { AppError, conflict, invalid, notFound } from '../lib/errors'
import { newId } from '../lib/ids'
import { lanes } from '../lib/lanes'
import { millisecondsAt, nowIso } from '../lib/schema'
import { mustSaySomething } from './compose'
import { MAX_SCHEDULED, type ChangeScheduled, type Scheduled, type ScheduleMessage } from './mine.model'
import type { Messages } from './service'
import type { ScheduledMessage, ScheduleStore } from './mine.store'

export type Schedule = ReturnType<typeof createSchedule>

const YEAR_MS = 366 * 86_400_000
const AT_ONCE = 100

export function createSchedule(store: ScheduleStore, chats: Chats, messages: Messages) {
  /** Changing, cancelling and sending of one message do not overlap: what was cancelled is not sent. */
  const inLane = lanes()

  async function mustBeMine(me: string, id: string): Promise<ScheduledMessage> {
    const found = await store.byId(id)
    if (found?.user_id !== me) throw notFound('scheduled message')
    return found
  }

  /**
   * The row's id is the `client_id`: a crash between sending and removing sends the same message again,
   * which is the one that is there. What may not be sent any more says why and stays in the list.
   */
  async function sendOne(id: string, now: string) {
    const scheduled = await store.byId(id)
    if (!scheduled || scheduled.failed !== null || scheduled.send_at > now) return
    const { user_id, chat_id, content, reply_to } = scheduled
    try {
      await messages.send(user_id, chat_id, { content, reply_to, client_id: id })
      await store.remove(id)
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error
      await store.update(id, { failed: error.code })
    }
  }

  return {
    /** 409 beyond 100 of one person; 422 for a time that is past or more than a year away. */
    async add(
      me: string,
      chatId: string,
      { content, send_at, reply_to = null }: ScheduleMessage,
    ): Promise<Scheduled> {
      const { roster, my } = await chats.mustBeMember(me, chatId)
      mustBeAllowedToWrite(roster.chat, my.role)
      const scheduled: ScheduledMessage = {
        id: newId(),
        user_id: me,
        chat_id: chatId,
        content: mustSaySomething(content),
        reply_to,
        send_at: mustBeSoon(send_at),
        created_at: nowIso(),
        failed: null,
      }
      if (!(await store.insert(scheduled, MAX_SCHEDULED))) {
        throw conflict('too_many_scheduled', `At most ${MAX_SCHEDULED} messages can be scheduled.`)
      }
      return toScheduled(scheduled)
    },

    async list(me: string): Promise<Scheduled[]> {
      return (await store.listOf(me)).map(toScheduled)
    },

    /** A new time makes one that failed try again. */
    async change(
      me: string,
      id: string,
      { content, send_at, reply_to }: ChangeScheduled,
    ): Promise<Scheduled> {
      await mustBeMine(me, id)
      const patch = {
        ...(content !== undefined && { content: mustSaySomething(content) }),
        ...(send_at !== undefined && { send_at: mustBeSoon(send_at), failed: null }),
        ...(reply_to !== undefined && { reply_to }),
      }
      const changed = await inLane(id, () => store.update(id, patch))
      if (!changed) throw notFound('scheduled message')
      return toScheduled(changed)
    },

    async cancel(me: string, id: string): Promise<void> {
      await mustBeMine(me, id)
      if (!(await inLane(id, () => store.remove(id)))) throw notFound('scheduled message')
    },

    /** Sends what is due, the earliest first; what fails for reasons of ours is tried again the next time. */
    async sendDue(now = nowIso()): Promise<void> {
      for (const { id } of await store.due(now, AT_ONCE)) await inLane(id, () => sendOne(id, now))
    },
  }
}

function mustBeSoon(text: string): string {
  const time = millisecondsAt('body/send_at', text)
  if (time <= Date.now() || time > Date.now() + YEAR_MS) {
    throw invalid('body/send_at', 'out_of_range', 'send_at is in the future, within a year.')
  }
  return new Date(time).toISOString()
}

const toScheduled = ({ user_id, ...shown }: ScheduledMessage): Scheduled => shown
