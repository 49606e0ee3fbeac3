// The schema of files: who has which, how much that is, and which messages show them.

export const files = `
  CREATE TABLE files (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    kind TEXT NOT NULL,
    width INTEGER,
    height INTEGER,
    placeholder TEXT,
    thumbnail_size INTEGER,
    created_at TEXT NOT NULL,
    dropped_at TEXT
  ) STRICT, WITHOUT ROWID;
  -- A person's files, newest first.
  CREATE INDEX files_of ON files (user_id, id) WHERE dropped_at IS NULL;
  -- Those whose bytes are to go.
  CREATE INDEX files_dropped ON files (dropped_at, id) WHERE dropped_at IS NOT NULL;

  -- The sizes of a person's files, added up: adding up a hundred thousand for each upload would keep everybody waiting.
  CREATE TABLE file_usage (user_id TEXT PRIMARY KEY, bytes INTEGER NOT NULL) STRICT, WITHOUT ROWID;

  -- Which messages show which files, without deleted messages; written with the message.
  CREATE TABLE attachments (
    file_id TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (file_id, chat_id, seq)
  ) STRICT, WITHOUT ROWID;
  -- The files of a chat, newest first: of one kind, or of all.
  CREATE INDEX attachments_gallery ON attachments (chat_id, kind, seq);
`
