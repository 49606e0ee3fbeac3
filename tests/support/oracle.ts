// What was promised against what is there: sends and their acks beside the store, after a fault.
import { call } from './raw'

export interface Said {
  id: string
  seq: number
  client_id: string
  sender_id: string
}

/** Every send by its `client_id`, which is its own among all senders of a ledger. */
export interface Ledger {
  /** Acknowledged: with which id and seq. */
  acked: Map<string, Pick<Said, 'id' | 'seq'>>
  /** Sent, and not acknowledged so far: stored or not. */
  open: Map<string, string>
  /** Takes note of a send before it leaves. */
  send(client_id: string, content: string): void
  /** Takes note of an ack; a second one has to say the same. */
  ack(client_id: string, message: Pick<Said, 'id' | 'seq'>): void
  /** Answers with 503, which leave a send open. */
  refused: number
  /** Answers that should not be: other errors, and acks that contradict each other. */
  faults: string[]
}

export function newLedger(): Ledger {
  const acked: Ledger['acked'] = new Map()
  const open: Ledger['open'] = new Map()
  const faults: string[] = []
  return {
    acked,
    open,
    faults,
    refused: 0,
    send: (client_id, content) => void open.set(client_id, content),
    ack(client_id, { id, seq }) {
      const before = acked.get(client_id)
      if (before && (before.id !== id || before.seq !== seq)) {
        faults.push(`${client_id} was acknowledged as ${before.id}/${before.seq} and as ${id}/${seq}`)
      }
      open.delete(client_id)
      acked.set(client_id, { id, seq })
    },
  }
}

export interface Verdict {
  sent: number
  acked: number
  /** Acknowledged, but not stored so. */
  lost: number
  /** Stored more than once, or under a seq that another message has. */
  repeated: number
  /** Numbers between the first and the last that no message has. */
  gaps: number
  /** Members who see another list than the first of them. */
  order: number
}

/** `lists`: the whole chat as each member reads it. */
export function judge({ acked, open }: Ledger, lists: Said[][]): Verdict {
  const [stored = []] = lists
  const byClientId = new Map(stored.map(said => [said.client_id, said]))
  const isKept = ([client_id, { id, seq }]: [string, Pick<Said, 'id' | 'seq'>]) => {
    const said = byClientId.get(client_id)
    return said?.id === id && said.seq === seq
  }
  const seqs = new Set(stored.map(({ seq }) => seq))
  const sends = new Set(stored.map(({ sender_id, client_id }) => `${sender_id} ${client_id}`))
  const shown = (list: Said[]) => list.map(({ id, seq }) => `${seq} ${id}`).join()
  return {
    sent: acked.size + open.size,
    acked: acked.size,
    lost: [...acked].filter(entry => !isKept(entry)).length,
    repeated: 2 * stored.length - seqs.size - sends.size,
    gaps: Math.max(0, ...seqs) - seqs.size,
    order: lists.filter(list => shown(list) !== shown(stored)).length,
  }
}

export const isRight = ({ lost, repeated, gaps, order }: Verdict): boolean =>
  lost + repeated + gaps + order === 0

/** A chat's messages as a member reads them, in the order told, after this seq. */
export async function historyOf<Message extends Said>(
  url: string,
  token: string,
  chatId: string,
  afterSeq = 0,
): Promise<Message[]> {
  const messages: Message[] = []
  for (let after: number | null = afterSeq; after !== null;) {
    const path = `/chats/${chatId}/messages?limit=100&after=${after}`
    const { status, body }: Awaited<ReturnType<typeof call>> = await call(url, 'GET', path, { token })
    if (status !== 200) throw new Error(`The history answered ${status}: ${JSON.stringify(body)}`)
    messages.push(...body.items)
    after = body.after
  }
  return messages
}
