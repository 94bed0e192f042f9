-- The table that the network knows; every statement may run again.
CREATE TABLE IF NOT EXISTS ledger (sequence_id integer primary key autoincrement,policy_type varchar not null,policy_id varchar not null,company_name varchar,date timestamp not null default current_timestamp,host varchar not null,status varchar,policy varchar);
CREATE UNIQUE INDEX IF NOT EXISTS hash_index on ledger(policy_id);
CREATE INDEX IF NOT EXISTS time_index on ledger(date);
