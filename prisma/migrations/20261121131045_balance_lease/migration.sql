-- A proof of the books survives its worker: where its walk stands, who drives it, and at which cut.
--
-- Why: a proof of millions of rows takes minutes. Whoever takes it up after a crash goes on behind the last row that was proved, at the same cut; a worker
-- that lost its lease writes nothing any more; and one that dies again and again ends as failed, not as "running" for ever.
-- Locks: trial_balances for a moment, to add columns without a rewrite. Backfills nothing.

ALTER TABLE trial_balances
  ADD COLUMN cut text,
  ADD COLUMN cursor uuid,
  ADD COLUMN lease uuid,
  ADD COLUMN attempts integer NOT NULL DEFAULT 0;
GRANT UPDATE (cut, cursor, lease, attempts) ON trial_balances TO outlay_app;
