-- The most policies that the ledger had since somebody confirmed that it has fewer: a master that starts without its local copy
-- sees that most of them are gone.
CREATE TABLE IF NOT EXISTS ledger_size (one integer primary key check (one = 1), most integer not null);
