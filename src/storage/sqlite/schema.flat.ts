// Indexes that keep the cost of a request from growing with what is around it.

export const flat = `
  -- The chats of a person, with all that says whether the list shows them: without looking at each membership.
  DROP INDEX members_of;
  CREATE INDEX members_of ON members (user_id, chat_id, hidden, cleared_seq, archived, pinned);
  -- The tickets of somebody who leaves.
  CREATE INDEX tickets_of ON tickets (user_id);
`
