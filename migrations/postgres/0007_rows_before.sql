-- What a changed or deleted row had beside its text: the host and the date. With the text that the history keeps they bring the
-- row back as it was. Added rows have none. Every statement may run again.
CREATE TABLE IF NOT EXISTS policy_history_rows (
    policy_id VARCHAR NOT NULL,
    time VARCHAR NOT NULL,
    host VARCHAR NOT NULL,
    date VARCHAR NOT NULL,
    PRIMARY KEY (policy_id, time)
);
