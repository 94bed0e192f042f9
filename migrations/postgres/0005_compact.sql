-- The line of an added policy holds no text: the table has it, or the `before` of the next line of the same policy. Lines are
-- found by their id without an index, which every write would pay for. Every statement may run again.
DROP INDEX IF EXISTS policy_history_id;

-- As in 0004, but before the change: that costs a write of a master less.
DROP TRIGGER IF EXISTS ledger_outside ON ledger;
CREATE TRIGGER ledger_outside BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON ledger
    FOR EACH STATEMENT WHEN (current_setting('anylog.master', true) IS NULL)
    EXECUTE FUNCTION ledger_changed_outside();
