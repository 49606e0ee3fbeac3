// Exact counts of what a member has not read, in SQLite: parts of a statement that has the rows of `chats` and
// `members` at hand, and the member's id as its first parameter.
import { ALL } from './mentions'

const PLACE = 'max(members.read_seq, members.cleared_seq)'

const DELETED = `(
  SELECT count(*) FROM messages INDEXED BY messages_deleted
  WHERE chat_id = chats.id AND sender_id <> ?1 AND seq > ${PLACE} AND deleted_at IS NOT NULL)`

/** Whether this member has hidden anything anywhere: most people have not, and need not be asked chat by chat. */
const HIDES = 'EXISTS (SELECT 1 FROM hidden WHERE user_id = ?1)'

// CROSS JOIN keeps the order: the few hidden ones first.
const HIDDEN_OF_OTHERS = `iif(${HIDES}, (
  SELECT count(*) FROM hidden
  CROSS JOIN messages AS told ON told.chat_id = hidden.chat_id AND told.seq = hidden.seq
  WHERE hidden.chat_id = chats.id AND hidden.user_id = ?1 AND hidden.seq > ${PLACE}
    AND told.sender_id <> ?1 AND told.deleted_at IS NULL), 0)`

const mentionsOf = (name: string) => `(
  SELECT count(*) FROM mentions INDEXED BY mentions_after
  WHERE chat_id = chats.id AND user_id = ${name} AND seq > ${PLACE} AND sender_id <> ?1 AND NOT EXISTS (
    SELECT 1 FROM hidden
    WHERE hidden.chat_id = chats.id AND hidden.user_id = ?1 AND hidden.seq = mentions.seq))`

const unlessRead = (count: string) => `iif(${PLACE} >= chats.last_seq, 0, ${count})`

/** All messages after the place read up to, which have no gap, without my own, deleted and hidden ones. */
export const UNREAD_COUNT = unlessRead(
  `chats.last_seq - ${PLACE} - members.own_after - ${DELETED} - ${HIDDEN_OF_OTHERS}`,
)
export const UNREAD_MENTIONS = unlessRead(`${mentionsOf('?1')} + ${mentionsOf(`'${ALL}'`)}`)

/** Whether the newest message of the chat is hidden from this member. */
export const LAST_IS_HIDDEN = `iif(${HIDES}, EXISTS (
  SELECT 1 FROM hidden WHERE chat_id = chats.id AND user_id = ?1 AND seq = chats.last_seq), 0)`
