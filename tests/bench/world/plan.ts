// The people and chats that every side is given alike, by number.

export interface PlannedChat {
  no: number
  id: string
  /** People, by number. */
  members: number[]
  messages: number
}

export type World = ReturnType<typeof planWorld>

const TALKERS = 500
const HUNDRED = 100
const CROWD_CHATS = 2_000
const CROWD = 1_000
/** Texts of a chat that nobody has read yet. */
export const UNREAD = 20

const idOf = (kind: string, no: number) => `65a0${kind}${no.toString(16).padStart(19, '0')}`
export const personId = (no: number) => idOf('0', no)
export const usernameOf = (no: number) => `bench${no}`

/** `messages` are stored before the run: half in one chat, a tenth in the chats that are searched, the rest in those listed. */
export function planWorld(messages: number) {
  let people = 0
  const take = (count: number) => Array.from({ length: count }, () => people++)
  const chats: PlannedChat[] = []

  function addChat(members: number[], count = 0): PlannedChat {
    const chat = { no: chats.length, id: idOf('1', chats.length), members, messages: count }
    chats.push(chat)
    return chat
  }

  const talkers = take(TALKERS)
  const hosts = take(4)
  const listeners = take(5_000)
  const readers = take(32)
  const [lister = 0, searcher = 0] = take(2)
  const crowd = { 50: take(CROWD), 200: take(CROWD) }

  const hundred = Array.from({ length: HUNDRED }, (_, no) =>
    addChat([...talkers.filter(talker => talker % HUNDRED === no), ...take(1)]),
  )
  const groupOf = (count: number) => addChat(talkers.slice(0, count))
  const roomOf = (count: number) => addChat([...hosts, ...listeners.slice(0, count)])
  const pairsOf = (one: number, count: number, share: number) =>
    Array.from({ length: count }, () => addChat([one, ...take(1)], Math.floor((messages * share) / count)))
  const crowded = Array.from({ length: CROWD_CHATS }, () => addChat([]))
  for (const [many, members] of Object.entries(crowd)) {
    members.forEach((person, i) => {
      for (let k = 0; k < Number(many); k++)
        crowded[(i * Number(many) + k) % CROWD_CHATS]?.members.push(person)
    })
  }

  return {
    talkers,
    hosts,
    listeners,
    readers,
    lister,
    searcher,
    crowd,
    /** A hundred chats of five talkers, and one who is never there. */
    hundred,
    groups: { 10: groupOf(10), 100: groupOf(100), 500: groupOf(500) },
    rooms: { 100: roomOf(100), 1000: roomOf(1_000), 5000: roomOf(5_000) },
    small: addChat(readers, 1_000),
    large: addChat(readers, Math.floor(messages / 2)),
    listed: pairsOf(lister, 50, 0.4),
    searched: pairsOf(searcher, 10, 0.1),
    /** People who have a password. */
    signers: take(200),
    chats,
    people,
  }
}

/** The chats of each person, by number of the person. */
export function chatIdsOf({ chats, people }: World): string[][] {
  const ids: string[][] = Array.from({ length: people }, () => [])
  for (const { id, members } of chats) for (const person of members) ids[person]?.push(id)
  return ids
}

export const hasPrivateForm = ({ members }: PlannedChat) => members.length === 2
