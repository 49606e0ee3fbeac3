// Files on messages: how they are asked for, shown, and listed.
import { Type, type Static } from '@sinclair/typebox'
import { fileFields, Kind } from '../files/model'
import { Cursor, Id, Limit, Page, Time } from '../lib/schema'

export const MAX_ATTACHMENTS = 10
export const MAX_CAPTION = 1_000
export const MAX_WAVEFORM = 100

const told = {
  caption: Type.Optional(Type.String({ maxLength: MAX_CAPTION, description: 'A text for this file alone.' })),
  duration: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 86_400,
      description: 'Seconds, as the sender tells; kept for audio and video.',
      examples: [4.2],
    }),
  ),
  waveform: Type.Optional(
    Type.Array(Type.Integer({ minimum: 0, maximum: 100 }), {
      maxItems: MAX_WAVEFORM,
      description: 'How loud a voice message is from its beginning to its end; kept for audio.',
    }),
  ),
}

export const Attachment = Type.Object(
  { ...fileFields, ...told },
  { title: 'Attachment', description: 'A file that a message shows, in the order of sending.' },
)
export type Attachment = Static<typeof Attachment>

export const Attach = Type.Object(
  { file_id: { ...Id, description: 'A file of mine, or one that a message shows me.' }, ...told },
  { title: 'Attach' },
)
export type Attach = Static<typeof Attach>

export const SharedFile = Type.Object(
  { message_id: Id, seq: Type.Integer(), sender_id: Id, created_at: Time, file: Attachment },
  { title: 'SharedFile', description: 'A file that a message of the chat shows.' },
)
export type SharedFile = Static<typeof SharedFile>
export const SharedFilePage = Page(SharedFile, 'SharedFilePage')

export const ListShared = Type.Object({ kind: Type.Optional(Kind), limit: Limit, cursor: Cursor })
export type ListShared = Static<typeof ListShared>

const PREVIEW = 200

/** The first 200 characters of what is written; where nothing is, the caption or name of the first file. */
export function previewOf(content: string, [first]: Attachment[]): string {
  const text = content || first?.caption || first?.name || ''
  if (text.length <= PREVIEW) return text
  return Array.from(text.slice(0, 2 * PREVIEW))
    .slice(0, PREVIEW)
    .join('')
}
