// Service keys, and the log of their use.

export const admin = `
  CREATE TABLE service_keys (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    created_by TEXT NOT NULL,
    created_at TEXT NOT NULL,
    last_used_at TEXT
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE audit (
    id TEXT PRIMARY KEY,
    at TEXT NOT NULL,
    key_id TEXT NOT NULL,
    key_name TEXT NOT NULL,
    user_id TEXT,
    action TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  -- What one key did, and what was done for one person, newest first.
  CREATE INDEX audit_of_key ON audit (key_id, id);
  CREATE INDEX audit_of_user ON audit (user_id, id);
  -- Sweeping out what is too old.
  CREATE INDEX audit_age ON audit (at);
`
