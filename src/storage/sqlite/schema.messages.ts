// The first schema: messages, and what is found by them.

export const messages = `
  -- Clustered by chat and place: a page of history is one range.
  CREATE TABLE messages (
    chat_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    rev INTEGER NOT NULL,
    id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    sender_id TEXT NOT NULL,
    receiver_id TEXT,
    content TEXT NOT NULL,
    message_type TEXT NOT NULL,
    reply_to TEXT,
    thread_of TEXT,
    pinned_at TEXT,
    edited_at TEXT,
    deleted_at TEXT,
    created_at TEXT NOT NULL,
    -- NULL: as created.
    updated_at TEXT,
    -- The parts that few messages have, as JSON; NULL for a plain message.
    extra TEXT,
    -- Former texts as JSON; only those who ask for them read this.
    edits TEXT,
    PRIMARY KEY (chat_id, seq)
  ) STRICT, WITHOUT ROWID;
  -- By chat too, since what is sent to one chat goes to its place together: by id alone, each such message would lie on
  -- another page of the index.
  CREATE UNIQUE INDEX messages_id ON messages (chat_id, id);
  -- What changed in a chat since rev R: all with seq > R, and those with rev > R found here. A message that was
  -- appended before any change in its chat has rev = seq and is left out, which spares the send a page.
  CREATE UNIQUE INDEX messages_rev ON messages (chat_id, rev) WHERE rev <> seq;
  -- A send repeated after an unknown outcome makes no second message. Also counts one's own messages after a place,
  -- since seq is part of each entry; an index for that alone would cost every send a third of its time.
  CREATE UNIQUE INDEX messages_client ON messages (chat_id, sender_id, client_id);
  -- Unread: deleted messages do not count; they are few.
  CREATE INDEX messages_deleted ON messages (chat_id, seq, sender_id, deleted_at)
    WHERE deleted_at IS NOT NULL;
  -- The replies of a thread, and how many of them are not deleted.
  CREATE INDEX messages_thread ON messages (chat_id, thread_of, seq, deleted_at) WHERE thread_of IS NOT NULL;
  CREATE INDEX messages_pinned ON messages (chat_id, pinned_at, seq) WHERE pinned_at IS NOT NULL;

  -- Who is mentioned by messages that are not deleted: single persons but never the sender, or '*' alone for all.
  CREATE TABLE mentions (
    chat_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    sender_id TEXT NOT NULL,
    PRIMARY KEY (chat_id, user_id, message_id)
  ) STRICT, WITHOUT ROWID;
  -- Unread mentions: those after a place.
  CREATE INDEX mentions_after ON mentions (chat_id, user_id, seq, sender_id);

  CREATE TABLE saved (
    user_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    saved_at TEXT NOT NULL,
    PRIMARY KEY (user_id, message_id)
  ) STRICT, WITHOUT ROWID;
  -- What a person keeps, in the order of keeping.
  CREATE INDEX saved_list ON saved (user_id, saved_at, message_id);

  CREATE TABLE scheduled (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    content TEXT NOT NULL,
    reply_to TEXT,
    send_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    failed TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX scheduled_of ON scheduled (user_id, send_at, id);
  CREATE INDEX scheduled_due ON scheduled (send_at, id) WHERE failed IS NULL;

  -- Chats that are deleted, and whose messages are still to go.
  CREATE TABLE purges (chat_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
`
