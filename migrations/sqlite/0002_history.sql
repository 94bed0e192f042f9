-- Every change: who, when, what, before and after. Recent drops are the tombstones.
CREATE TABLE IF NOT EXISTS policy_history (
    change_id integer primary key,
    time varchar not null,
    who varchar not null,
    what varchar not null,
    policy_type varchar not null,
    policy_id varchar not null,
    before varchar,
    after varchar
);
CREATE INDEX IF NOT EXISTS policy_history_id ON policy_history(policy_id, change_id);
CREATE INDEX IF NOT EXISTS policy_history_drops ON policy_history(time) WHERE what = 'drop';
