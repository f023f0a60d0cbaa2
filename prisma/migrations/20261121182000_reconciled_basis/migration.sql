-- What a comparison of ledger and bill was made from, beside its cut of the ledger: a day on which nothing of it changed is not compared again.
--
-- Why: whoever pressed the button paid for five weeks, and the round of every six hours for the last four days, changed or not; a late row of an older day was seen by neither.
-- Locks: reconciliations for a moment; a constant default rewrites nothing. Backfills nothing: days without a basis are compared once more.

ALTER TABLE reconciliations ADD COLUMN basis text NOT NULL DEFAULT '';

GRANT UPDATE (basis) ON reconciliations TO outlay_app;
