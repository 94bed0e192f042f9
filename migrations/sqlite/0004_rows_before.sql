-- What a changed or deleted row had beside its text: the host and the date. With the text that the history keeps they bring the
-- row back as it was. Added rows have none.
CREATE TABLE IF NOT EXISTS policy_history_rows (
    policy_id varchar not null,
    time varchar not null,
    host varchar not null,
    date varchar not null,
    primary key (policy_id, time)
) WITHOUT ROWID;
