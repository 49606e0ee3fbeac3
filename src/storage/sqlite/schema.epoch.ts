// The schema of the epoch: which history this is.

export const epoch = `
  -- One row.
  CREATE TABLE epoch (id TEXT NOT NULL) STRICT;
  INSERT INTO epoch VALUES (lower(hex(randomblob(12))));
`
