// The first schema: people, how they sign in, their chats, and what is each member's own.

export const people = `
  CREATE TABLE users (
    id TEXT PRIMARY KEY,
    username TEXT NOT NULL,
    -- Unique without regard to case; also the order of the list of people. Stays when the account goes.
    username_key TEXT NOT NULL UNIQUE,
    email TEXT,
    email_key TEXT UNIQUE,
    full_name TEXT,
    avatar TEXT,
    bio TEXT,
    status TEXT,
    role TEXT NOT NULL,
    password_hash TEXT,
    gender TEXT,
    timezone TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    deleted_at TEXT
  ) STRICT, WITHOUT ROWID;

  -- Search by the beginning of a word is one range of this key.
  CREATE TABLE user_terms (
    term TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    PRIMARY KEY (term, user_id)
  ) STRICT, WITHOUT ROWID;
  -- A person's words are replaced when the name changes.
  CREATE INDEX user_terms_of ON user_terms (user_id);
`

export const signIns = `
  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    device_name TEXT,
    current_jti TEXT NOT NULL,
    previous_jti TEXT,
    created_at TEXT NOT NULL,
    last_used_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  -- The sessions of a person, oldest first.
  CREATE INDEX sessions_of ON sessions (user_id, id);
  -- Sweeping out what has expired.
  CREATE INDEX sessions_expiry ON sessions (expires_at);

  CREATE TABLE tickets (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    signed_in_until INTEGER NOT NULL,
    expires_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  -- Sweeping out what has expired.
  CREATE INDEX tickets_expiry ON tickets (expires_at);
`

export const chats = `
  CREATE TABLE chats (
    id TEXT PRIMARY KEY,
    chat_type TEXT NOT NULL,
    -- The two people of a private chat, of whom there is one chat only; a group has its own id here.
    pair TEXT NOT NULL UNIQUE,
    group_name TEXT,
    group_avatar TEXT,
    created_by TEXT NOT NULL,
    last_seq INTEGER NOT NULL,
    rev INTEGER NOT NULL,
    activity_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    retention_seconds INTEGER,
    expired_seq INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;
  -- The chats whose messages expire.
  CREATE INDEX chats_retaining ON chats (id) WHERE retention_seconds IS NOT NULL;

  CREATE TABLE members (
    chat_id TEXT NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL,
    role TEXT NOT NULL,
    read_seq INTEGER NOT NULL,
    delivered_seq INTEGER NOT NULL,
    cleared_seq INTEGER NOT NULL DEFAULT 0,
    hidden INTEGER NOT NULL DEFAULT 0,
    -- How many of one's own messages stand after max(read_seq, cleared_seq): they are never unread.
    own_after INTEGER NOT NULL DEFAULT 0,
    muted_until TEXT,
    pinned INTEGER NOT NULL DEFAULT 0,
    archived INTEGER NOT NULL DEFAULT 0,
    draft TEXT,
    draft_at TEXT,
    my_no INTEGER NOT NULL DEFAULT 0,
    joined_at TEXT NOT NULL,
    PRIMARY KEY (chat_id, user_id)
  ) STRICT, WITHOUT ROWID;
  -- The chats of a person.
  CREATE INDEX members_of ON members (user_id, chat_id);

  -- The number of the latest change that is a person's alone.
  CREATE TABLE personal (user_id TEXT PRIMARY KEY, no INTEGER NOT NULL) STRICT, WITHOUT ROWID;

  -- Messages that a person has deleted for themself; few.
  CREATE TABLE hidden (
    chat_id TEXT NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    no INTEGER NOT NULL,
    PRIMARY KEY (chat_id, user_id, seq)
  ) STRICT, WITHOUT ROWID;
  -- What a person has hidden since a number of theirs.
  CREATE INDEX hidden_since ON hidden (user_id, no);
`
