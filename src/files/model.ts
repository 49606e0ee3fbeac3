// A file as its owner sees it, and what can be asked about files.
import { Type, type Static } from '@sinclair/typebox'
import { Cursor, Id, Limit, Page, Time } from '../lib/schema'

/** The `size` of a thumbnail's longer side, in pixels. */
export const THUMBNAIL_PIXELS = 320

export const Kind = Type.Union(
  [Type.Literal('image'), Type.Literal('video'), Type.Literal('audio'), Type.Literal('file')],
  { description: 'Told by the bytes, never by name or header; `file` is all that is none of the others.' },
)
export type Kind = Static<typeof Kind>

/** What everybody who may see a file is told of it. */
export const fileFields = {
  id: Id,
  name: Type.String({
    description: 'For show: at most 255 characters, never a path.',
    examples: ['cat.jpg'],
  }),
  size: Type.Integer({ description: 'Bytes, as kept.', examples: [48_213] }),
  media_type: Type.String({ description: 'Told by the bytes.', examples: ['image/jpeg'] }),
  kind: Kind,
  width: Type.Optional(Type.Integer({ description: 'Pixels, upright; pictures only.', examples: [1200] })),
  height: Type.Optional(Type.Integer({ examples: [900] })),
  placeholder: Type.Optional(
    Type.String({
      description: 'A picture of a few hundred bytes as a data URL, to be shown until the real one is there.',
      examples: ['data:image/png;base64,iVBORw0KGgo='],
    }),
  ),
}

export const File = Type.Object(
  { ...fileFields, created_at: Time },
  { title: 'File', description: '`width`, `height` and `placeholder` come with pictures only.' },
)
export type File = Static<typeof File>
export const FilePage = Page(File, 'FilePage')

export const Upload = Type.Object(
  { file: Type.String({ format: 'binary', description: 'One file; its name is kept for show.' }) },
  {
    title: 'Upload',
    description: 'A form (multipart/form-data) with one file.',
    examples: [{ file: 'the bytes of a file' }],
  },
)

export const FileParams = Type.Object({ id: Id })

export const FetchQuery = Type.Object({
  size: Type.Optional(
    Type.Literal('thumb', { description: `At most ${THUMBNAIL_PIXELS} pixels wide and high, as WebP.` }),
  ),
  ticket: Type.Optional(
    Type.String({
      maxLength: 4096,
      description: 'From `POST /auth/ticket` `{"for":"files"}`: for pages, whose pictures send no header.',
    }),
  ),
})
export type FetchQuery = Static<typeof FetchQuery>

export const ListFiles = Type.Object({ limit: Limit, cursor: Cursor })
