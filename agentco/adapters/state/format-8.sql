-- What the answer to a call says that it cost, in micro-dollars; NULL where it says nothing of it.
ALTER TABLE ledger ADD COLUMN stated INTEGER;
