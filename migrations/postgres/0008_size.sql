-- The most policies that the ledger had since somebody confirmed that it has fewer: a master that starts anywhere sees that most
-- of them are gone. Every statement may run again.
CREATE TABLE IF NOT EXISTS ledger_size (
    one BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (one),
    most BIGINT NOT NULL
);
