-- The table that the network knows; every statement may run again.
CREATE TABLE IF NOT EXISTS ledger (sequence_id SERIAL PRIMARY KEY,policy_type VARCHAR NOT NULL,policy_id VARCHAR NOT NULL,company_name VARCHAR,date TIMESTAMP NOT NULL DEFAULT NOW(),host VARCHAR NOT NULL,status VARCHAR,policy VARCHAR);
CREATE UNIQUE INDEX IF NOT EXISTS hash_index ON ledger(policy_id);
CREATE INDEX IF NOT EXISTS time_index ON ledger(date);
