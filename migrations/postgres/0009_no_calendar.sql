-- The check of 0006 cost every write a twentieth of its time in the server. A master asks for a moment of the calendar before
-- it writes, and rows of others whose date is none are set aside when they are read ('get policy errors'). Every statement
-- may run again; a user who may not change the table keeps the check.
DO $$
BEGIN
    ALTER TABLE ledger DROP CONSTRAINT IF EXISTS ledger_date_in_calendar;
EXCEPTION
    WHEN insufficient_privilege THEN NULL;
END $$;
