// When positions moved last, and who has hidden a message: what those who were away, or hid it, are told by. And what
// scheduled messages lacked.

export const catchUp = `
  -- When read_seq or delivered_seq moved last, in milliseconds since 1970; 0: not since this was kept.
  ALTER TABLE members ADD COLUMN moved_at INTEGER NOT NULL DEFAULT 0;
  -- Those of a chat that moved since a time.
  CREATE INDEX members_moved ON members (chat_id, moved_at);
  -- Who has hidden a message.
  CREATE INDEX hidden_by ON hidden (chat_id, seq);

  -- What a message will be sent under, and its thread; before, its id was that.
  ALTER TABLE scheduled ADD COLUMN client_id TEXT NOT NULL DEFAULT '';
  ALTER TABLE scheduled ADD COLUMN thread_of TEXT;
  UPDATE scheduled SET client_id = id;
`
