// Files on a message: whose they are, how they are shown, and what the message is because of them.
import { factsOf, type Files } from '../files/service'
import type { MessageType } from '../chats/model'
import { invalid } from '../lib/errors'
import type { Attach, Attachment } from './attachment.model'

export type Attaching = ReturnType<typeof createAttaching>

export function createAttaching(files: Files) {
  return {
    /** The files asked for, as a message shows them, in the same order; 422 for one that is not the sender's to show. */
    async attach(me: string, asked: Attach[]): Promise<Attachment[]> {
      const ids = asked.map(({ file_id }) => file_id)
      mustDiffer(ids)
      const found = await files.mustAttach(me, ids)
      return found.map((file, i) => ({ ...factsOf(file), ...toldOf(asked[i] as Attach, file.kind) }))
    },
  }
}

/** What the sender tells of a file, as far as it goes with its kind. */
function toldOf({ caption, duration, waveform }: Attach, kind: Attachment['kind']): Partial<Attachment> {
  return {
    ...((kind === 'audio' || kind === 'video') && duration !== undefined && { duration }),
    ...(kind === 'audio' && waveform !== undefined && { waveform }),
    ...(caption?.trim() && { caption }),
  }
}

/** What a message with these files is: what the first of them is, or what the sender says where that fits. */
export function fittingType(told: MessageType | undefined, [first]: Attachment[]): MessageType {
  if (!first) return told ?? 'text'
  if (told !== undefined && told !== first.kind && told !== 'file') {
    throw invalid('body/message_type', 'does_not_fit', 'It is the kind of the first attachment, or file.')
  }
  return told ?? first.kind
}

function mustDiffer(ids: string[]) {
  const again = ids.findIndex((id, i) => ids.indexOf(id) < i)
  if (again !== -1) throw invalid(`body/attachments/${again}/file_id`, 'repeated', 'Each file is shown once.')
}
