-- The relay to a contract platform: the changes that still have to reach it, who sends them, and what it is known to have. Every
-- statement may run again.
CREATE TABLE IF NOT EXISTS relay_outbox (
    number BIGSERIAL PRIMARY KEY,
    platform VARCHAR NOT NULL,
    time VARCHAR NOT NULL,
    who VARCHAR NOT NULL,
    what VARCHAR NOT NULL,
    policy_type VARCHAR NOT NULL,
    policy_id VARCHAR NOT NULL,
    before VARCHAR,
    after VARCHAR,
    host VARCHAR NOT NULL,
    shown BOOLEAN NOT NULL,
    state VARCHAR NOT NULL DEFAULT 'queued',
    account VARCHAR,
    nonce BIGINT,
    hash VARCHAR,
    raw VARCHAR,
    block BIGINT,
    block_hash VARCHAR,
    block_time VARCHAR,
    refusal VARCHAR
);
CREATE INDEX IF NOT EXISTS relay_outbox_open ON relay_outbox(platform, number) WHERE state <> 'refused';
CREATE TABLE IF NOT EXISTS relay_sender (
    platform VARCHAR PRIMARY KEY,
    holder VARCHAR NOT NULL,
    fence BIGINT NOT NULL,
    until TIMESTAMPTZ NOT NULL
);
CREATE TABLE IF NOT EXISTS relay_known (
    platform VARCHAR NOT NULL,
    policy_id VARCHAR NOT NULL,
    hash VARCHAR NOT NULL,
    PRIMARY KEY (platform, policy_id)
);
