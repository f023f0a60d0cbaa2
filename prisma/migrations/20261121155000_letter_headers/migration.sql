-- Headers of a letter of its own: List-Unsubscribe of summaries.
--
-- Locks: ACCESS EXCLUSIVE on mail_outbox for a moment; a constant default rewrites nothing.
ALTER TABLE mail_outbox ADD COLUMN headers jsonb NOT NULL DEFAULT '{}';
