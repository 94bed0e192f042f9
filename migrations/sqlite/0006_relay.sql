-- The relay to a contract platform: the changes that still have to reach it, who sends them, and what it is known to have. Every
-- statement may run again.
CREATE TABLE IF NOT EXISTS relay_outbox (
    number integer primary key autoincrement,
    platform varchar not null,
    time varchar not null,
    who varchar not null,
    what varchar not null,
    policy_type varchar not null,
    policy_id varchar not null,
    before varchar,
    after varchar,
    host varchar not null,
    shown integer not null,
    state varchar not null default 'queued',
    account varchar,
    nonce integer,
    hash varchar,
    raw varchar,
    block integer,
    block_hash varchar,
    block_time varchar,
    refusal varchar
);
CREATE INDEX IF NOT EXISTS relay_outbox_open ON relay_outbox(platform, number) WHERE state <> 'refused';
CREATE TABLE IF NOT EXISTS relay_sender (
    platform varchar primary key,
    holder varchar not null,
    fence integer not null,
    until integer not null
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS relay_known (
    platform varchar not null,
    policy_id varchar not null,
    hash varchar not null,
    primary key (platform, policy_id)
) WITHOUT ROWID;
