// The schema of notifications: where each device is told, and how much of a chat.

export const push = `
  ALTER TABLE members ADD COLUMN notify TEXT NOT NULL DEFAULT 'all';

  CREATE TABLE push_subscriptions (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    -- One browser has one address, whoever is signed in there.
    endpoint TEXT NOT NULL UNIQUE,
    p256dh TEXT NOT NULL,
    auth TEXT NOT NULL,
    device_name TEXT,
    created_at TEXT NOT NULL,
    failing_since TEXT
  ) STRICT, WITHOUT ROWID;
  -- The subscriptions of people, oldest first.
  CREATE INDEX push_subscriptions_of ON push_subscriptions (user_id, id);
  -- Those that go with a sign-in.
  CREATE INDEX push_subscriptions_session ON push_subscriptions (session_id);
`
