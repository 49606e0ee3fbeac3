// The schema of leaving for good: what a person leaves behind, and what is still to go.

export const leaving = `
  -- Set: this member has deleted their account; a private chat keeps the row for the other person.
  ALTER TABLE members ADD COLUMN left_at TEXT;
  -- People who are gone and whose name is still kept from others; few.
  CREATE INDEX users_gone ON users (deleted_at) WHERE deleted_at IS NOT NULL AND username_key NOT GLOB 'gone:*';

  -- Accounts that are being deleted: taken up again after a crash.
  CREATE TABLE departures (
    user_id TEXT PRIMARY KEY,
    messages TEXT NOT NULL,
    begun_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  -- Who was deleted before had private chats that stayed writable, and left saved messages behind.
  INSERT INTO departures SELECT id, 'keep', deleted_at FROM users WHERE deleted_at IS NOT NULL;
`
