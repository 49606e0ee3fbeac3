// Sessions and tickets in MongoDB.
import type { IndexDescription } from 'mongodb'
import type { AuthStore, SessionRecord, TicketRecord } from '../../auth/store'
import { toDate, toTime, type Collections, type SessionDoc, type TicketDoc } from './collections'

export const indexes: Record<'sessions' | 'tickets', IndexDescription[]> = {
  sessions: [
    // the sessions of a person, in the order they are shown
    { key: { user_id: 1, _id: 1 } },
    // the server itself removes what has expired
    { key: { expires_at: 1 }, expireAfterSeconds: 0 },
  ],
  tickets: [{ key: { expires_at: 1 }, expireAfterSeconds: 0 }],
}

export function mongoAuth({ sessions, tickets }: Collections): AuthStore {
  return {
    async insertSession(session) {
      await sessions.insertOne(sessionDoc(session))
    },

    async session(id) {
      const doc = await sessions.findOne({ _id: id })
      return doc && toSession(doc)
    },

    async sessionsOf(userId, now) {
      const unexpired = { user_id: userId, expires_at: { $gt: toDate(now) } }
      const docs = await sessions.find(unexpired).sort({ _id: 1 }).toArray()
      return docs.map(toSession)
    },

    async rotate(id, expected, next) {
      const rotated = await sessions.updateOne(
        { _id: id, current_jti: expected },
        {
          $set: {
            current_jti: next.current_jti,
            previous_jti: next.previous_jti,
            last_used_at: toDate(next.last_used_at),
            expires_at: toDate(next.expires_at),
            ...(next.device_name && { device_name: next.device_name }),
            ...(next.place && { place: next.place }),
          },
        },
      )
      return rotated.matchedCount === 1
    },

    async useSessions(uses) {
      if (uses.length === 0) return
      await sessions.bulkWrite(
        uses.map(({ id, at }) => ({
          updateOne: { filter: { _id: id }, update: { $max: { last_used_at: toDate(at) } } },
        })),
        { ordered: false },
      )
    },

    async deleteSession(id) {
      const { deletedCount } = await sessions.deleteOne({ _id: id })
      return deletedCount === 1
    },

    async deleteSessionsOf(userId, exceptId) {
      const ending =
        exceptId === undefined ? { user_id: userId } : { user_id: userId, _id: { $ne: exceptId } }
      const docs = await sessions.find(ending).project<{ _id: string }>({ _id: 1 }).toArray()
      const ids = docs.map(doc => doc._id)
      if (ids.length > 0) await sessions.deleteMany({ _id: { $in: ids } })
      return ids
    },

    async dropExpired(now) {
      const expired = { expires_at: { $lt: toDate(now) } }
      await Promise.all([sessions.deleteMany(expired), tickets.deleteMany(expired)])
    },

    async insertTicket(ticket) {
      await tickets.insertOne(ticketDoc(ticket))
    },

    async deleteTicketsOf(userId) {
      await tickets.deleteMany({ user_id: userId })
    },

    async takeTicket(id) {
      const doc = await tickets.findOneAndDelete({ _id: id })
      return doc && toTicket(doc)
    },
  }
}

const sessionDoc = (session: SessionRecord): SessionDoc => ({
  _id: session.id,
  user_id: session.user_id,
  device_name: session.device_name,
  place: session.place,
  current_jti: session.current_jti,
  previous_jti: session.previous_jti,
  created_at: toDate(session.created_at),
  last_used_at: toDate(session.last_used_at),
  expires_at: toDate(session.expires_at),
})

const toSession = (doc: SessionDoc): SessionRecord => ({
  id: doc._id,
  user_id: doc.user_id,
  device_name: doc.device_name,
  // Signed in before there were places.
  place: doc.place ?? null,
  current_jti: doc.current_jti,
  previous_jti: doc.previous_jti,
  created_at: toTime(doc.created_at),
  last_used_at: toTime(doc.last_used_at),
  expires_at: toTime(doc.expires_at),
})

const ticketDoc = (ticket: TicketRecord): TicketDoc => ({
  _id: ticket.id,
  user_id: ticket.user_id,
  session_id: ticket.session_id,
  signed_in_until: ticket.signed_in_until,
  expires_at: toDate(ticket.expires_at),
})

const toTicket = (doc: TicketDoc): TicketRecord => ({
  id: doc._id,
  user_id: doc.user_id,
  session_id: doc.session_id,
  signed_in_until: doc.signed_in_until,
  expires_at: toTime(doc.expires_at),
})
