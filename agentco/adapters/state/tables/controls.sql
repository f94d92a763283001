-- Who is halted, and who may only read.

-- name: insert_halt
INSERT OR IGNORE INTO halts (scope, since, by) VALUES (:scope, :since, :by);

-- name: delete_halt
DELETE FROM halts WHERE scope = :scope;

-- name: halts
SELECT scope, since, by FROM halts ORDER BY scope;

-- name: insert_restriction
INSERT OR IGNORE INTO restricted (agent, since, why) VALUES (:agent, :since, :why);

-- name: delete_restriction
DELETE FROM restricted WHERE agent = :agent;

-- name: restrictions
SELECT agent, since, why FROM restricted ORDER BY since, agent;
