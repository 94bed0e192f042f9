-- The line of an added policy holds no text: the table has it, or the `before` of the next line of the same policy. Lines are
-- found by their id without an index, which every write would pay for.
DROP INDEX IF EXISTS policy_history_id;
