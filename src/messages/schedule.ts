// Messages to be sent later: at their time, exactly once, also over a restart.
import { mustBeAllowedToWrite } from '../chats/roles'
import type { Chats } from '../chats/service'
import type { Door } from '../chats/roster'
import type { Events } from '../events'
import { AppError, conflict, notFound } from '../lib/errors'
import { newId } from '../lib/ids'
import { lanes } from '../lib/lanes'
import { nowIso } from '../lib/schema'
import { millisecondsAt, mustBeSoon } from '../lib/times'
import { mustSaySomething, type Composer } from './compose'
import {
  MAX_SCHEDULED,
  type ChangeScheduled,
  type Scheduled,
  type ScheduledState,
  type ScheduleMessage,
} from './mine.model'
import type { Messages } from './service'
import type { ScheduledMessage, ScheduleStore } from './mine.store'

export type Schedule = ReturnType<typeof createSchedule>

const AT_ONCE = 100

export function createSchedule(
  store: ScheduleStore,
  chats: Chats,
  composer: Composer,
  messages: Messages,
  events: Events,
) {
  /** Changing, cancelling and sending of one message do not overlap: what was cancelled is not sent. */
  const inLane = lanes()

  async function mustBeMine(me: string, id: string): Promise<ScheduledMessage> {
    const found = await store.byId(id)
    if (found?.user_id !== me) throw notFound('scheduled message')
    return found
  }

  function tell(state: ScheduledState, message: ScheduledMessage): Scheduled {
    const scheduled = toScheduled(message)
    events.publish({ type: 'scheduled', user_id: message.user_id, state, scheduled })
    return scheduled
  }

  /** 422 where what it answers, or the thread, is not there. */
  async function mustFit(door: Door, { reply_to, thread_of }: Partial<ScheduledMessage>) {
    if (reply_to) await composer.mustBeHere(door, reply_to, 'reply_to')
    if (thread_of) await composer.mustBeHere(door, thread_of, 'thread_of')
  }

  /**
   * It is sent under its `client_id`: a crash between sending and removing sends the same message again, which is the
   * one that is there. What may not be sent any more says why and stays in the list.
   */
  async function sendOne(id: string, now: string) {
    const scheduled = await store.byId(id)
    if (!scheduled || scheduled.failed !== null || scheduled.send_at > now) return
    const { user_id, chat_id, content, reply_to, thread_of, client_id } = scheduled
    try {
      await messages.send(user_id, chat_id, { content, reply_to, thread_of, client_id })
      await store.remove(id)
      tell('sent', scheduled)
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error
      const failed = await store.update(id, { failed: error.errors?.[0]?.code ?? error.code })
      if (failed) tell('failed', failed)
    }
  }

  return {
    /**
     * 409 beyond 100 of one person; 422 for a time that is past or more than a year away, and for an answer to nothing.
     * The same `client_id` again answers the first one as it is, `isNew: false`; where it says something else: 409.
     */
    async add(
      me: string,
      chatId: string,
      { content, send_at, reply_to = null, thread_of = null, client_id }: ScheduleMessage,
    ): Promise<{ scheduled: Scheduled; isNew: boolean }> {
      const door = await chats.mustBeWriter(me, chatId)
      mustBeAllowedToWrite(door.roster.chat, door.my.role)
      const id = client_id === undefined ? newId() : idFor(me, chatId, client_id)
      const time = millisecondsAt('body/send_at', send_at)
      const scheduled: ScheduledMessage = {
        id,
        user_id: me,
        chat_id: chatId,
        client_id: client_id ?? id,
        content: mustSaySomething(content),
        reply_to,
        thread_of,
        send_at: new Date(time).toISOString(),
        created_at: nowIso(),
        failed: null,
      }
      const first = client_id === undefined ? null : await store.byId(id)
      if (first) return again(first, scheduled)
      mustBeSoon('body/send_at', time)
      await mustFit(door, scheduled)
      const kept = await store.insert(scheduled, MAX_SCHEDULED)
      if (!kept) throw conflict('too_many_scheduled', `At most ${MAX_SCHEDULED} messages can be scheduled.`)
      if (!kept.isNew) return again(kept.scheduled, scheduled)
      return { scheduled: tell('added', scheduled), isNew: true }
    },

    async list(me: string): Promise<Scheduled[]> {
      return (await store.listOf(me)).map(toScheduled)
    },

    /** Any change makes one that failed try again. */
    async change(
      me: string,
      id: string,
      { content, send_at, reply_to, thread_of }: ChangeScheduled,
    ): Promise<Scheduled> {
      const { chat_id } = await mustBeMine(me, id)
      if (reply_to || thread_of) await mustFit(await chats.mustBeMember(me, chat_id), { reply_to, thread_of })
      const changes = {
        ...(content !== undefined && { content: mustSaySomething(content) }),
        ...(send_at !== undefined && {
          send_at: mustBeSoon('body/send_at', millisecondsAt('body/send_at', send_at)),
        }),
        ...(reply_to !== undefined && { reply_to }),
        ...(thread_of !== undefined && { thread_of }),
      }
      const isChange = Object.keys(changes).length > 0
      const changed = await inLane(id, async () => {
        const stored = await store.update(id, isChange ? { ...changes, failed: null } : {})
        if (stored && isChange) tell('changed', stored)
        return stored
      })
      if (!changed) throw notFound('scheduled message')
      return toScheduled(changed)
    },

    async cancel(me: string, id: string): Promise<void> {
      const scheduled = await mustBeMine(me, id)
      const isCancelled = await inLane(id, async () => {
        const wasThere = await store.remove(id)
        if (wasThere) tell('cancelled', scheduled)
        return wasThere
      })
      if (!isCancelled) throw notFound('scheduled message')
    },

    /**
     * Sends what is due, the earliest first. What fails for reasons of ours is tried again the next time, keeps the
     * others from nothing, and is thrown once they are done.
     */
    async sendDue(now = nowIso()): Promise<void> {
      const errors: unknown[] = []
      for (const { id } of await store.due(now, AT_ONCE)) {
        await inLane(id, () => sendOne(id, now)).catch(error => errors.push(error))
      }
      if (errors.length > 0) throw errors[0]
    },
  }
}

/** Made from what names it, so that a repeat meets the first one. */
const idFor = (...names: [me: string, chatId: string, clientId: string]) =>
  new Bun.CryptoHasher('sha256').update(names.join(':')).digest('hex').slice(0, 24)

function again(first: ScheduledMessage, said: ScheduledMessage) {
  const isSame = (['content', 'send_at', 'reply_to', 'thread_of'] as const).every(
    field => first[field] === said[field],
  )
  if (!isSame) throw conflict('client_id_reused', 'This client_id was used for another message of yours.')
  return { scheduled: toScheduled(first), isNew: false }
}

const toScheduled = ({ user_id, ...shown }: ScheduledMessage): Scheduled => shown
