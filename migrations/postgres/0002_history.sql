-- Every change: who, when, what, before and after. Recent drops are the tombstones.
CREATE TABLE IF NOT EXISTS policy_history (
    change_id BIGSERIAL PRIMARY KEY,
    version BIGINT NOT NULL,
    time VARCHAR NOT NULL,
    who VARCHAR NOT NULL,
    what VARCHAR NOT NULL,
    policy_type VARCHAR NOT NULL,
    policy_id VARCHAR NOT NULL,
    before VARCHAR,
    after VARCHAR
);
CREATE INDEX IF NOT EXISTS policy_history_id ON policy_history(policy_id, change_id);
CREATE INDEX IF NOT EXISTS policy_history_version ON policy_history(version);
CREATE INDEX IF NOT EXISTS policy_history_drops ON policy_history(time) WHERE what = 'drop';
