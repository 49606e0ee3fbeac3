// The step of presence: when people were seen and what they tell of it, statuses that end, blocks, and where devices are.

export const presence = `
  ALTER TABLE users ADD COLUMN status_expires_at TEXT;
  ALTER TABLE users ADD COLUMN last_seen TEXT;
  ALTER TABLE users ADD COLUMN invisible INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE users ADD COLUMN hide_last_seen INTEGER NOT NULL DEFAULT 0;
  -- Statuses that end, the earliest first; few.
  CREATE INDEX users_status_ends ON users (status_expires_at) WHERE status_expires_at IS NOT NULL;

  ALTER TABLE sessions ADD COLUMN place TEXT;

  -- Who has blocked whom.
  CREATE TABLE blocks (
    user_id TEXT NOT NULL,
    blocked_id TEXT NOT NULL,
    blocked_at TEXT NOT NULL,
    PRIMARY KEY (user_id, blocked_id)
  ) STRICT, WITHOUT ROWID;
  -- Whom a person has blocked, newest first.
  CREATE INDEX blocks_of ON blocks (user_id, blocked_at, blocked_id);
  -- Who has blocked a person.
  CREATE INDEX blocks_against ON blocks (blocked_id, user_id);
`
