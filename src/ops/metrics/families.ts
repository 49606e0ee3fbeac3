// All that the metrics tell, asked from where it is at the moment of reading.
import type { Histogram } from '../../lib/meters'
import type { Counts } from '../../push/delivery'
import type { Socket } from '../../realtime/socket'
import type { Stores } from '../../storage/stores'
import type { Family, Sample } from './exposition'
import type { Meters } from './meters'
import { processFamilies } from './process'

interface Load {
  running: number
  waiting: number
}

export interface Sources {
  meters: Meters
  stores: Pick<Stores, 'engine' | 'commits'>
  services: {
    hub: { open(): Iterable<Socket>; delivered: Readonly<Record<'chats' | 'people', number>> }
    passwords: { load(): Load }
    pictures: { load(): Load }
    uploads: { underWay(): number }
    indexing: { lag(): number }
    notifying: { lag(): { waiting: number; dropped: number } }
    deliveries: { counts: Readonly<Counts> }
  }
  loopDelay: Histogram
  version: string
}

const counter = (name: string, help: string, samples: Sample[]): Family => ({
  name,
  help,
  type: 'counter',
  samples,
})
const gauge = (name: string, help: string, samples: Sample[]): Family => ({
  name,
  help,
  type: 'gauge',
  samples,
})
const shape = (name: string, help: string, only: Histogram): Family => ({
  name,
  help,
  type: 'histogram',
  samples: [{ shape: only }],
})

const by = (label: string, values: Record<string, number>): Sample[] =>
  Object.entries(values).map(([text, value]) => ({ labels: { [label]: text }, value }))

export function familiesOf({ meters, stores, services, loopDelay, version }: Sources): Family[] {
  const { hub, uploads } = services
  return [
    gauge('natter_build_info', 'Always 1; its labels say what runs.', [
      { labels: { version, bun: Bun.version, store: stores.engine }, value: 1 },
    ]),
    counter('natter_messages_sent_total', 'Messages stored, through whichever door.', [
      { value: meters.sent },
    ]),
    counter(
      'natter_frames_delivered_total',
      'Frames given to sockets, once for every socket: of events in chats, and of what people are told one by one.',
      by('of', hub.delivered),
    ),
    ...socketFamilies(hub.open()),
    ...queueFamilies(services, stores),
    gauge('natter_uploads', 'Uploads under way.', [{ value: uploads.underWay() }]),
    shape('natter_commit_seconds', 'How long commits of the store took.', stores.commits.seconds),
    shape('natter_commit_writes', 'How many writes shared a commit.', stores.commits.items),
    counter('natter_commits_failed_total', 'Commits that did not go through.', [
      { value: stores.commits.failed },
    ]),
    shape('natter_event_loop_delay_seconds', 'How much too late a timer of the event loop was.', loopDelay),
    counter(
      'natter_refusals_total',
      'Refusals over HTTP and sockets, by code.',
      [...meters.refusals.entries()].map(([code, { count }]) => ({ labels: { code }, value: count })),
    ),
    ...httpFamilies(meters),
    ...processFamilies(),
  ]
}

/** Sockets are looked at one by one. */
function socketFamilies(sockets: Iterable<Socket>): Family[] {
  const open: Record<string, number> = { ws: 0, 'socket.io': 0 }
  const waiting = { in: 0, held: 0 }
  let unsent = 0
  for (const ws of sockets) {
    const { dialect, queue, hold } = ws.data
    const door = DOORS[dialect.name] ?? dialect.name
    open[door] = (open[door] ?? 0) + 1
    waiting.in += queue.length
    waiting.held += hold?.frames.length ?? 0
    unsent += ws.getBufferedAmount()
  }
  return [
    gauge('natter_sockets', 'Open sockets, by door.', by('door', open)),
    gauge(
      'natter_socket_frames_waiting',
      'Frames that came in and wait for their turn, and frames held while their socket catches up.',
      by('queue', waiting),
    ),
    gauge('natter_socket_unsent_bytes', 'Bytes that clients have not taken yet.', [{ value: unsent }]),
  ]
}

/** As its dialect is called in the names of topics. */
const DOORS: Record<string, string> = { chat: 'ws' }

function queueFamilies(services: Sources['services'], { commits }: Sources['stores']): Family[] {
  const { passwords, pictures, indexing, notifying, deliveries } = services
  const [hashing, shrinking, news] = [passwords.load(), pictures.load(), notifying.lag()]
  const { sent, skipped, failed, dropped } = deliveries.counts
  return [
    gauge(
      'natter_queue_depth',
      'What waits: writes for a commit, passwords and pictures for a core.',
      by('queue', { commit: commits.waiting, passwords: hashing.waiting, pictures: shrinking.waiting }),
    ),
    gauge(
      'natter_queue_running',
      'What is under way, of passwords and pictures.',
      by('queue', { passwords: hashing.running, pictures: shrinking.running }),
    ),
    gauge(
      'natter_follower_lag',
      'How far followers are behind: search in chats, notifications in messages, push in deliveries.',
      by('follower', {
        search: indexing.lag(),
        notifications: news.waiting,
        push: deliveries.counts.waiting,
      }),
    ),
    counter(
      'natter_notifications_total',
      'Notifications of devices, by what became of them.',
      by('outcome', { sent, skipped, failed, dropped: dropped + news.dropped }),
    ),
  ]
}

function httpFamilies({ answers, times }: Meters): Family[] {
  return [
    counter(
      'natter_http_requests_total',
      'Requests answered, by method, route and class of status.',
      [...answers.entries()].map(([key, { count }]) => {
        const [method = key, route = key, status = key] = key.split(' ')
        return { labels: { method, route, status }, value: count }
      }),
    ),
    {
      name: 'natter_http_request_seconds',
      help: 'How long requests took, by method and route.',
      type: 'histogram',
      samples: [...times.entries()].map(([key, each]) => {
        const [method = key, route = key] = key.split(' ')
        return { labels: { method, route }, shape: each }
      }),
    },
  ]
}
