-- What agents may not do by themselves, and the founder can.

-- name: insert_proposal
INSERT OR IGNORE INTO proposals (id, run, agent, what, action, at, expires, state)
VALUES (:id, :run, :agent, :what, :action, :at, :expires, 'open');

-- name: move_proposal
UPDATE proposals SET state = :state
WHERE id = :id AND state IN (SELECT value FROM json_each(:states)) AND expires >= :now
RETURNING what, action;

-- name: open_proposals
SELECT id, run, agent, what, expires FROM proposals
WHERE state IN ('open', 'approving') AND expires >= :now
ORDER BY at, id;
