// Files: who may have which, and looking after one's own.
import type { Chats } from '../chats/service'
import { fromCursor, toCursor } from '../lib/cursors'
import { AppError, conflict, invalid, notFound } from '../lib/errors'
import { nowIso, pageOf, type PageQuery } from '../lib/schema'
import type { File } from './model'
import type { FileRecord, FileStore, Showing } from './store'

export type Files = ReturnType<typeof createFiles>

export function createFiles(store: FileStore, chats: Chats) {
  /** Whether one of these places is mine to see, as of now. */
  async function isVisible(me: string, { chat_id, seqs }: Showing): Promise<boolean> {
    const door = await chats.mustBeMember(me, chat_id).catch(nullIfGone)
    const after = door && seqs.filter(seq => seq > door.my.cleared_seq)
    if (!after || after.length === 0) return false
    const hidden = await chats.hiddenFrom(me, chat_id)
    return after.some(seq => !hidden.has(seq))
  }

  /** Whether a message of a chat of mine shows me this file. */
  async function isShownTo(me: string, id: string): Promise<boolean> {
    for (const showing of await store.showings(id, await chats.idsOf(me))) {
      if (await isVisible(me, showing)) return true
    }
    return false
  }

  const isMineToSee = async (me: string, file: FileRecord) =>
    file.user_id === me || (await isShownTo(me, file.id))

  return {
    /** A file of mine, or one that a message shows me as of now; 404 for all others. */
    async mustSee(me: string, id: string): Promise<FileRecord> {
      const file = await store.byId(id)
      if (!file || !(await isMineToSee(me, file))) throw notFound('file')
      return file
    },

    /** The files with these ids, in this order, each mine or shown to me; 422 otherwise. */
    async mustAttach(me: string, ids: string[]): Promise<FileRecord[]> {
      const found = new Map((await store.byIds(ids)).map(file => [file.id, file]))
      return Promise.all(
        ids.map(async (id, i) => {
          const file = found.get(id)
          if (file && (await isMineToSee(me, file))) return file
          throw invalid(`body/attachments/${i}/file_id`, 'unknown_file', 'There is no such file of yours.')
        }),
      )
    },

    /** My files, newest first. */
    async list(
      me: string,
      { limit = 20, cursor }: PageQuery,
    ): Promise<{ items: File[]; next: string | null }> {
      const below = cursor === undefined ? undefined : fromCursor(cursor, 'string')[0]
      const rows = await store.list(me, { below, limit: limit + 1 })
      const page = pageOf(rows, limit, last => toCursor(last.id))
      return { items: page.items.map(toFile), next: page.next }
    },

    /**
     * Takes a file of mine away; its bytes follow within two hours. 404 for another's, 409 while a message shows it.
     * A message that shows it in the very moment wins.
     */
    async delete(me: string, id: string): Promise<void> {
      const file = await store.byId(id)
      if (file?.user_id !== me) throw notFound('file')
      await mustBeUnshown(id)
      if (!(await store.drop(id, nowIso()))) throw notFound('file')
      await mustBeUnshown(id).catch(async error => {
        await store.restore(id)
        throw error
      })
    },

    /** Those of these files that are mine. */
    async mineAmong(me: string, ids: string[]): Promise<Set<string>> {
      const found = await store.byIds([...new Set(ids)])
      return new Set(found.filter(({ user_id }) => user_id === me).map(({ id }) => id))
    },
  }

  async function mustBeUnshown(id: string) {
    const shown = await store.shownAmong([id])
    if (shown.length > 0) throw conflict('shown', 'A message shows this file: delete the message first.')
  }
}

/** Left, or deleted, since the look at my chats. */
function nullIfGone(error: unknown): null {
  if (!(error instanceof AppError) || error.status !== 404) throw error
  return null
}

/** As its owner sees it; facts that it does not have are left out. */
export const toFile = (record: FileRecord): File => ({ ...factsOf(record), created_at: record.created_at })

/** What everybody who may see a file is told of it. */
export function factsOf({ id, name, size, media_type, kind, width, height, placeholder }: FileRecord) {
  const picture = width !== null && height !== null && placeholder !== null && { width, height, placeholder }
  return { id, name, size, media_type, kind, ...picture }
}
