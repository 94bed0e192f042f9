-- The history numbers the writes of all masters as well: a write adds the line (version + 1, 0) after the version that it
-- was validated against, and only one write can. Every statement may run again, also without what older files made.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('policy_history') AND attname = 'change_id' AND NOT attisdropped) THEN
        ALTER TABLE policy_history ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
        UPDATE policy_history SET place = n.place
            FROM (SELECT change_id, row_number() OVER (PARTITION BY version ORDER BY change_id) - 1 AS place FROM policy_history) n
            WHERE policy_history.change_id = n.change_id AND n.place > 0;
        DROP INDEX IF EXISTS policy_history_id, policy_history_version;
        ALTER TABLE policy_history DROP COLUMN change_id, ALTER COLUMN place DROP DEFAULT, ADD PRIMARY KEY (version, place);
    END IF;
END $$;
CREATE TABLE IF NOT EXISTS policy_history (
    version BIGINT NOT NULL,
    place INTEGER NOT NULL,
    time VARCHAR NOT NULL,
    who VARCHAR NOT NULL,
    what VARCHAR NOT NULL,
    policy_type VARCHAR NOT NULL,
    policy_id VARCHAR NOT NULL,
    before VARCHAR,
    after VARCHAR,
    PRIMARY KEY (version, place)
);
CREATE INDEX IF NOT EXISTS policy_history_id ON policy_history(policy_id);
CREATE INDEX IF NOT EXISTS policy_history_drops ON policy_history(time) WHERE what = 'drop';

-- Somebody else than a master of this kind changed the table: a line without a policy, and masters read all of it again.
-- Numbers that begin anew begin after all that were given before.
CREATE OR REPLACE FUNCTION ledger_changed_outside() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    added BOOLEAN := FALSE;
BEGIN
    WHILE NOT added LOOP
        INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id)
            SELECT coalesce(max(version) + 1, extract(epoch FROM clock_timestamp())::bigint * 1000), 0, to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                current_user, 'outside', '', '' FROM policy_history
            ON CONFLICT DO NOTHING;
        added := FOUND;
    END LOOP;
    PERFORM pg_notify('anylog_ledger', 'outside');
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS ledger_outside ON ledger;
CREATE TRIGGER ledger_outside AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON ledger
    FOR EACH STATEMENT WHEN (current_setting('anylog.master', true) IS NULL)
    EXECUTE FUNCTION ledger_changed_outside();

-- Whoever knew the table before reads it again.
DO $$
BEGIN
    IF to_regclass('ledger_version') IS NULL THEN
        INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id)
            SELECT coalesce(max(version) + 1, extract(epoch FROM clock_timestamp())::bigint * 1000), 0, '', '', 'outside', '', ''
            FROM policy_history ON CONFLICT DO NOTHING;
    ELSE
        INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id)
            SELECT greatest((SELECT max(version) FROM policy_history), (SELECT max(version) FROM ledger_version)) + 1,
                0, '', '', 'outside', '', '';
    END IF;
END $$;
DROP TABLE IF EXISTS ledger_version;
