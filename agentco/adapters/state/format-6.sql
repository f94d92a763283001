-- Which calls were made through a plan: they are booked at their list price, and nobody sends a bill for them.
ALTER TABLE effects ADD COLUMN plan INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN plan INTEGER NOT NULL DEFAULT 0;
