// When positions moved last, and who has hidden a message: what those who were away, or hid it, are told by.

export const catchUp = `
  -- When read_seq or delivered_seq moved last, in milliseconds since 1970; 0: not since this was kept.
  ALTER TABLE members ADD COLUMN moved_at INTEGER NOT NULL DEFAULT 0;
  -- Those of a chat that moved since a time.
  CREATE INDEX members_moved ON members (chat_id, moved_at);
  -- Who has hidden a message.
  CREATE INDEX hidden_by ON hidden (chat_id, seq);
`
