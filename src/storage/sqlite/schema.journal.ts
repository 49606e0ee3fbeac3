// Messages that are stored, and wait to be put in their places.

export const journal = `
  -- Each row is what one commit stored, as JSON (entries.ts). Empty but for the newest messages.
  CREATE TABLE journal (no INTEGER PRIMARY KEY, messages TEXT NOT NULL) STRICT;
`
