// What the page of the sockets says beside the frames: how to connect, what may be relied on, why a socket closes.
import { RATES } from '../../auth/rates'
import { CLOSE, LIMITS } from '../../realtime/limits'

export const INTRO =
  'One WebSocket carries everything live: messages, read positions, who is typing, who is there. Frames are JSON text with a ' +
  '`type`. The socket is at `/ws` and is signed in before it opens; where that fails the answer is HTTP 401 and ' +
  'no socket. `hello` is its first frame: from then on every event of my chats is heard.'

interface Way {
  title: string
  text: string
  code: string
}

export const WAYS: Way[] = [
  {
    title: 'In a browser, with a ticket',
    text: 'A ticket from `POST /auth/ticket` opens one socket within 30 seconds. The token stays out of addresses and logs.',
    code: `const answer = await fetch('/auth/ticket', {
  method: 'POST',
  headers: { authorization: \`Bearer \${accessToken}\` },
})
const { ticket } = await answer.json()
const socket = new WebSocket(\`ws://localhost:8000/ws?ticket=\${ticket}\`)`,
  },
  {
    title: 'In a browser, with a subprotocol',
    text: 'One step less: the token goes as the second subprotocol, and the server selects the first.',
    code: `const socket = new WebSocket('ws://localhost:8000/ws', [
  'natter.v1',
  \`bearer.\${accessToken}\`,
])`,
  },
  {
    title: 'In Bun, or Node 22 and later, with a header',
    text: 'The same `Authorization` header as on every other request.',
    code: `const socket = new WebSocket('ws://localhost:8000/ws', {
  headers: { authorization: \`Bearer \${accessToken}\` },
})`,
  },
]

export const FIRST_WORDS: Way = {
  title: 'Then say and hear',
  text: 'Make the chat with `POST /chats` first. Frames may be sent at once; they wait until `hello` has gone out.',
  code: `const say = frame => socket.send(JSON.stringify(frame))

// In a function \`connect\`, so that it can be called again.
socket.onopen = () =>
  say({
    type: 'send',
    id: 1,
    chat_id,
    content: 'Hello Bob',
    client_id: crypto.randomUUID(),
  })

socket.onmessage = event => {
  const frame = JSON.parse(event.data)
  if (frame.type === 'ack' && frame.message) console.log('stored as', frame.message.seq)
  if (frame.type === 'error') console.log('refused:', frame.code)
  if (frame.type === 'message') console.log(frame.message.seq, frame.message.content)
}

// 4400 and 4401: mend the cause first. Else connect again, at a random moment.
socket.onclose = ({ code }) => {
  if (code !== 4400 && code !== 4401) setTimeout(connect, 1000 + Math.random() * 4000)
}`,
}

export const SOCKET_IO: Way = {
  title: 'The same with Socket.IO',
  text: 'At `/socket.io/`: the name of an event is the `type` of the frame, its argument the frame, and a callback gets the `ack` or `error`. `auth` takes a `token` or a `ticket`; `sync: true` there is `?sync=1` here.',
  code: `const socket = io('http://localhost:8000', { auth: { token: accessToken } })
socket.on('message', ({ message }) => console.log(message.seq, message.content))

const said = { chat_id, content: 'Hello Bob', client_id: crypto.randomUUID() }
const answer = await socket.emitWithAck('send', said)`,
}

export const RULES = [
  'Frames of one socket are handled one after the other, and answered in that order.',
  'A send is acknowledged once it is on stable storage, never before.',
  'The `ack` of a send comes before the sender hears its own `message` frame.',
  'Every member hears every message once on each socket, the sender too. All see the same order: `seq` counts 1, 2, 3 … in each chat, without gap.',
  'No answer, or an `error` with status 500 or more, means unknown: repeat with the same `client_id`, over the socket or over REST. It becomes one message with one `seq`. The same `client_id` with other content is refused with `client_id_reused`.',
  'Live `message` frames of a chat (and `passed`, in place of some) come in rising `rev`, without a gap. A client keeps the last `rev` of each chat; when the next frame is not exactly one above, it asks `GET /chats/{id}/changes?since=` that `rev`.',
  'To come back after a while: open `/ws?sync=1`, which holds live frames from `hello` on, and send `sync` with the `rev` of each chat you know, and with `mine`, `at` and `epoch` of the last `synced`. All that was missed comes first (edits, deletions and reactions; with `at` also chats that were renamed or whose members or settings changed, and how far others have read), then `synced`, then what waited, then live frames: no hole, no repeat.',
  'The first `sync` of an empty client is `{"chats":{}}`: every chat comes as `chat`; load its messages over REST, and begin at the `rev` it tells.',
  'A store that was put back from a copy has another `epoch`, and may go on with other messages under numbers that were given before. A client that hears another `epoch` than it knows, in `hello`, `synced` or the answer of `changes`, drops what it keeps and starts over; one that gives its `epoch` in `sync` or `changes` is told so (`reset`, 409 `other_epoch`). Messages of its own that got no answer it sends again, with the same `client_id`.',
  'A text means members by `@username`, and everybody by `@all` where an owner or admin of a group writes it; the message then has `mentions` or `mentions_all`. Names of others mean nobody.',
  'Files are uploaded over REST, with `POST /files`; a `send` then names them in `attachments`, and may do without `content`.',
  'Presence: somebody is `online` while a socket of theirs is open that has not said `away`, `away` when all have, and `offline` 8 seconds after the last one closed. After `hello` take everybody for offline: `presences` tells who is there, `presence` what changes. Both are told of people in private chats and in groups of up to 100 members; of others, and of those in a chat that is new to me, ask `GET /chats/{id}/members` or `GET /users/{id}`.',
  'Typing: say `on: true` again every 3 or 4 seconds while somebody types. What is heard ends by `on: false` in any case.',
  'Where a block is between two people, neither hears of the other’s presence and profile, nor of typing and reading in their private chat, where the other seems to have read nothing while it stands.',
  'Too fast: a frame is refused with `error` 429 and `retry_after` (seconds), and nothing of it is done; say it again then, with the same `client_id`. `typing` and `presence` without `id` are passed over. Rates are those of REST: they count for a person, over all devices and doors. 0 in the table: no limit.',
  'A frame without `id` is not answered, except `ping`; its refusal still comes as `error`.',
  'Fields that are not in these tables may come with a later version: pass over them, and over unknown types.',
]

type Meanings = Record<keyof typeof LIMITS, string>

const rateMeanings = Object.fromEntries(
  Object.entries(RATES).flatMap(([name, { what }]) => [
    [`${name}_burst`, `${what}: so many at once; then \`too_many_${name}\`.`],
    [`${name}_per_minute`, 'So many of them come back in a minute.'],
  ]),
) as Pick<Meanings, Extract<keyof Meanings, `${keyof typeof RATES}_${'burst' | 'per_minute'}`>>

/** One line for each limit; a new limit does not compile without one. */
export const LIMIT_MEANINGS: Meanings = {
  frame_bytes: 'Bytes of one frame; a larger one closes the socket with 1009.',
  content_length: 'Characters of a message; a longer one is refused with `error`.',
  queued_frames: 'Frames that may wait for their turn; one more closes the socket with 4429.',
  queued_characters: 'Characters of frames that wait for their turn; more closes the socket with 4429.',
  unsent_bytes: 'Bytes that may wait for a client that reads too slowly; then 4408.',
  bad_frames: 'Malformed frames on one socket; then 4400.',
  hasty_frames:
    'Frames within 10 seconds that were refused with 429, or passed over, on one socket; then 4429.',
  sockets_per_person: 'Sockets of one person; one more is refused with `too_many_sockets`.',
  sockets: 'Sockets of everybody together; then HTTP 503. A setting, or what open files leave room for.',
  sockets_signing_in:
    'Socket.IO connections from one address that have not signed in, for which they have 10 seconds.',
  sign_in_failures:
    'Failed sign-ins of one account from one address within `sign_in_seconds`; then `too_many_attempts`.',
  sign_in_failures_of_account: 'The same from all addresses together; then each address has one try.',
  sign_in_accounts:
    'Accounts for which sign-ins from one address failed; it waits then, but for accounts that have signed in from there before.',
  sign_in_seconds: 'So long failed sign-ins count.',
  passwords_waiting: 'Sign-ins of everybody that wait for their turn; then 503 `busy`.',
  writes_waiting: 'Writes of everybody that wait for the store; then 503 `busy`: nothing was stored.',
  exports_at_once: 'Exports of everybody under way; then 503 `busy`.',
  uploads_at_once: 'Uploads of one person under way; then `too_many_uploads`.',
  reactions: 'Different emoji on one message; one more is refused with `too_many_reactions`.',
  mentions: 'Different names after an `@` in one message; more are passed over.',
  pins: 'Pinned messages of a chat; one more is refused with `too_many_pins`.',
  edits: 'Times that a message may be edited; then `too_many_edits`.',
  scheduled: 'Messages that one person may have scheduled; then `too_many_scheduled`.',
  draft_length: 'Characters of a draft.',
  changes: 'Messages in one page of `changes`.',
  members: 'Members of a group; then `group_full`.',
  attachments: 'Files on one message.',
  caption_length: 'Characters of the caption of one file.',
  upload_bytes: 'Bytes of one file; then HTTP 413. A setting of the server.',
  file_name_length: 'Characters of the name of a file; a longer one is cut.',
  avatar_bytes: 'Bytes of the picture of a person or group; then 413 over REST.',
  push_subscriptions: 'Devices of one person that are notified; then `too_many_subscriptions`.',
  invites: 'Links to join one group by; then `too_many_invites`.',
  join_requests: 'People who wait to be let into one group; then `too_many_requests_to_join`.',
  presence_members: 'Members of a group up to which presence and profiles are told live; in larger ones ask.',
  blocks: 'People whom one person may have blocked; then `too_many_blocks`.',
  ...rateMeanings,
}

interface Closing {
  code: number
  meaning: string
  next: string
}

const OWN_CLOSINGS: Record<keyof typeof CLOSE, Omit<Closing, 'code'>> = {
  restarting: {
    meaning: 'The server restarts.',
    next: 'Connect again after a random wait of a few seconds.',
  },
  tooLarge: { meaning: 'A frame was too large.', next: 'Send smaller frames.' },
  badFrames: { meaning: 'Too many malformed frames.', next: 'Mend the client first.' },
  signedOut: {
    meaning: 'Signed out, or the sign-in has expired.',
    next: 'Refresh the token or sign in, then connect.',
  },
  tooSlow: { meaning: 'The client reads too slowly.', next: 'Connect again and ask for what was missed.' },
  tooFast: {
    meaning: 'More frames than may wait, or too many that came too fast.',
    next: 'Connect again after a wait, and then wait for answers before sending more.',
  },
}

export const CLOSINGS: Closing[] = [
  ...Object.entries(OWN_CLOSINGS).map(([name, closing]) => ({
    code: CLOSE[name as keyof typeof CLOSE],
    ...closing,
  })),
  {
    code: 1006,
    meaning: 'The connection was cut, without a word.',
    next: 'Connect again after a random wait.',
  },
  { code: 1011, meaning: 'Something went wrong in the server.', next: 'Connect again after a random wait.' },
].sort((a, b) => a.code - b.code)
