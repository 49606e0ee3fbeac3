// Settings of groups, how many members each has, links to join by, and requests to join.

export const groups = `
  ALTER TABLE chats ADD COLUMN who_may_write TEXT NOT NULL DEFAULT 'all';
  ALTER TABLE chats ADD COLUMN history_for_newcomers TEXT NOT NULL DEFAULT 'all';
  -- Kept with the members, since counting them would make a join cost their number.
  ALTER TABLE chats ADD COLUMN member_count INTEGER NOT NULL DEFAULT 0;
  UPDATE chats SET member_count = (SELECT count(*) FROM members WHERE chat_id = chats.id);
  -- Whether others own the group: without looking at every member.
  CREATE INDEX members_owners ON members (chat_id, user_id) WHERE role = 'owner';

  CREATE TABLE invites (
    code TEXT PRIMARY KEY,
    chat_id TEXT NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    created_by TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT,
    max_uses INTEGER,
    uses INTEGER NOT NULL,
    needs_approval INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  -- The links of a chat, newest first.
  CREATE INDEX invites_of ON invites (chat_id, created_at, code);

  CREATE TABLE join_requests (
    chat_id TEXT NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (chat_id, user_id)
  ) STRICT, WITHOUT ROWID;
  -- Those of a chat, in the order of asking.
  CREATE INDEX join_requests_list ON join_requests (chat_id, created_at, user_id);
  -- Those of a person.
  CREATE INDEX join_requests_of ON join_requests (user_id, chat_id);
`
