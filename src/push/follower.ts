// Follows what is said and notifies devices of it: after the send, and in no hurry.
import type { Roster, Rosters } from '../chats/roster'
import type { Events } from '../events'
import type { MessageStore } from '../messages/store'
import type { UserRecord, UserStore } from '../users/store'
import type { Deliveries } from './delivery'
import type { Notice } from './model'
import type { PushStore, PushSubscription } from './store'
import { isNew, isUrgent, isWantedBy, membersAmong, newsOf, type News } from './wanted'

/** What is said within this time is looked at together. */
const SOON_MS = 20
const AT_ONCE = 100
const MOST_WAITING = 10_000

export interface Surroundings {
  /** Whether a person is using Natter right now, on any device: then nothing is pushed to the others. */
  isActive(userId: string): boolean
  /** Whether the sign-in that subscribed is still good. */
  stands(sessionId: string): Promise<boolean>
}

interface Told {
  userId: string
  news: News
  roster: Roster
}

export type Notifying = ReturnType<typeof createNotifying>

/**
 * As long as nobody has a subscription, a message costs one comparison. Else what must be kept of it waits in a
 * bounded queue, and everything else happens later. What a crash leaves is lost: notifications are no record.
 */
export function createNotifying(
  people: ReadonlySet<string>,
  store: PushStore,
  deliveries: Deliveries,
  rosters: Rosters,
  users: Pick<UserStore, 'byIds'>,
  messages: Pick<MessageStore, 'byId'>,
  events: Events,
  { isActive, stands }: Surroundings,
  report: (error: unknown) => void,
) {
  let queue: News[] = []
  let underWay = 0
  let dropped = 0
  let timer: Timer | undefined
  let stopped = false

  events.subscribe(event => {
    if (people.size === 0 || event.type !== 'message' || !isNew(event.message) || stopped) return
    if (queue.length >= MOST_WAITING) return void dropped++
    queue.push(newsOf(event.message))
    timer ??= setTimeout(follow, SOON_MS).unref()
  })

  async function follow() {
    while (queue.length > 0 && !stopped) {
      const some = queue.slice(0, AT_ONCE)
      queue = queue.slice(AT_ONCE)
      underWay = some.length
      await notify(some).catch(report)
      underWay = 0
      await nextTurn()
    }
    timer = undefined
  }

  async function notify(some: News[]) {
    const found = await rosters.all([...new Set(some.map(({ chat_id }) => chat_id))])
    const told = newestOfEach(some.flatMap(news => toldOf(news, found.get(news.chat_id))))
    if (told.length === 0) return
    const [subscriptions, senders] = await Promise.all([
      store.of([...new Set(told.map(({ userId }) => userId))]),
      users.byIds([...new Set(told.map(({ news }) => news.sender_id))]),
    ])
    const byPerson = Map.groupBy(subscriptions, ({ user_id }) => user_id)
    const names = new Map(senders.map(user => [user.id, nameOf(user)]))
    for (const one of told) {
      const notice = noticeOf(one, names.get(one.news.sender_id) ?? '')
      for (const subscription of byPerson.get(one.userId) ?? []) deliver(one, subscription, notice)
    }
  }

  function toldOf(news: News, roster: Roster | undefined): Told[] {
    if (!roster) return []
    return membersAmong(roster, people)
      .filter(member => isWantedBy(member, news) && !isActive(member.user_id))
      .map(({ user_id }) => ({ userId: user_id, news, roster }))
  }

  function deliver({ userId, news, roster }: Told, subscription: PushSubscription, notice: Notice) {
    const urgent = isUrgent(roster, news, userId)
    deliveries.add({
      subscription,
      notice,
      urgent,
      isStillWanted: isRepeat => isStillWanted(news, subscription, isRepeat),
    })
  }

  /** A repeat comes late: the message may be deleted by then. */
  async function isStillWanted(news: News, { user_id, session_id, id }: PushSubscription, isRepeat: boolean) {
    if (!(await stands(session_id))) {
      await store.remove(user_id, id)
      return false
    }
    const member = (await rosters.get(news.chat_id))?.members.get(user_id)
    if (!member || !isWantedBy(member, news) || isActive(user_id)) return false
    return !isRepeat || (await messages.byId(news.chat_id, news.id))?.deleted_at === null
  }

  return {
    /** Messages that wait, and messages dropped because too many did. */
    lag: () => ({ waiting: queue.length + underWay, dropped }),

    stop() {
      stopped = true
      clearTimeout(timer)
      deliveries.stop()
    },
  }
}

/** Several messages of one chat that come together are one notification, with the newest. */
const newestOfEach = (told: Told[]): Told[] => [
  ...new Map(told.map(one => [`${one.userId}:${one.news.chat_id}`, one])).values(),
]

const nameOf = ({ full_name, username }: UserRecord) => full_name ?? username

function noticeOf({ news, roster }: Told, sender_name: string): Notice {
  const { id, chat_id, seq, message_type, text } = news
  const chat_name = roster.chat.group_name
  return { chat_id, message_id: id, seq, sender_name, chat_name, message_type, text }
}

const nextTurn = () => new Promise<void>(resolve => setImmediate(resolve))
