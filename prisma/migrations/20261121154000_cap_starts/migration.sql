-- A cap on how many runs may begin within a minute: what an alert throttles with, and a team may set.
--
-- Why: rate limits stood in plans only, so a workflow, a key or a customer without a plan could not be slowed down for an hour.
-- Locks: caps for a moment, to check its few rows. Backfills nothing.

ALTER TABLE caps DROP CONSTRAINT caps_metric_check;
ALTER TABLE caps ADD CONSTRAINT caps_metric_check CHECK (metric IN ('cost', 'units', 'tokens', 'calls', 'runs', 'starts'));
ALTER TABLE caps DROP CONSTRAINT caps_check;
-- Open runs are counted at once, and starts within any minute: neither has a calendar window.
ALTER TABLE caps ADD CONSTRAINT caps_window_check CHECK ((metric IN ('runs', 'starts')) = (window_kind IS NULL));
ALTER TABLE caps ADD CONSTRAINT caps_starts_check CHECK (metric <> 'starts' OR (mode = 'hard' AND limit_amount >= 1));
