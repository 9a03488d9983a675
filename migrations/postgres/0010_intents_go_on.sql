-- Most steps close a run's local intent and bring its next one. The same row now goes on with it: no index is written to
-- again as long as none holds a column that changes with each step. So intents are found by their run, which has few of
-- them, and no longer by a key of their own. One intent has one row as before: it comes with its step, and history has
-- each step once. An older program finds and writes the same rows.

ALTER TABLE outbox DROP CONSTRAINT outbox_pkey;
CREATE INDEX outbox_run ON outbox (local, rid);

-- What leaves this machine keeps its key: a second row of the same send is refused.
CREATE UNIQUE INDEX outbox_remote ON outbox (rid, seq, n) WHERE NOT local;

-- A row that goes on finds room on its own page.
ALTER TABLE outbox SET (fillfactor = 60);
