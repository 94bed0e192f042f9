-- The number that orders the writes of all masters: a write names the version it was validated against and adds one.
CREATE TABLE IF NOT EXISTS ledger_version (
    one BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (one),
    version BIGINT NOT NULL,
    outside BIGINT NOT NULL
) WITH (fillfactor = 10);
INSERT INTO ledger_version (version, outside) VALUES (0, 0) ON CONFLICT DO NOTHING;

-- Somebody else than a master of this kind changed the table: masters read all of it again.
CREATE OR REPLACE FUNCTION ledger_changed_outside() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE ledger_version SET version = version + 1, outside = version + 1;
    PERFORM pg_notify('anylog_ledger', 'outside');
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS ledger_outside ON ledger;
CREATE TRIGGER ledger_outside AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON ledger
    FOR EACH STATEMENT WHEN (coalesce(current_setting('anylog.master', true), '') = '')
    EXECUTE FUNCTION ledger_changed_outside();
