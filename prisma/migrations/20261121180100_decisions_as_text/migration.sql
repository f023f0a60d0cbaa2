-- Nobody looks into these from SQL, and every begin writes them: kept as they came, where building jsonb took Postgres more than the rest of the row.
ALTER TABLE decisions ALTER COLUMN input TYPE json USING input::json, ALTER COLUMN answer TYPE json USING answer::json;
ALTER TABLE holds ALTER COLUMN answer TYPE json USING answer::json;
