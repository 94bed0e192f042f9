-- A date is a moment of the years 1 to 9999: infinity and days before our era have no text that sorts with the others. Rows
-- that are there already stay as they are, and nothing changes for who writes such moments alone, as every node does. A user
-- who may not change the table does without. Every statement may run again.
DO $$
BEGIN
    ALTER TABLE ledger ADD CONSTRAINT ledger_date_in_calendar
        CHECK (date >= '0001-01-01 00:00:00' AND date < '10000-01-01 00:00:00') NOT VALID;
EXCEPTION
    WHEN duplicate_object OR insufficient_privilege THEN NULL;
END $$;
