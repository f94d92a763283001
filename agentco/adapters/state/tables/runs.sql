-- The heads of all runs. What follows a root's cap, driver and cancellation is of roots only.

-- name: insert_run
INSERT INTO runs
  (id, root, parent, agent, prompt, title, phase, started, cap, driver, asked, base, head)
VALUES
  (:id, :root, :parent, :agent, :prompt, :title, :phase, :started, :cap, :driver, :asked, :base, :head);

-- name: save_run
UPDATE runs SET phase = :phase, head = :head, ended = :ended WHERE id = :id;

-- name: find_head
SELECT head FROM runs WHERE id = :id;

-- name: heads_of_root
SELECT head FROM runs WHERE root = :root ORDER BY rowid;

-- name: blocked_heads
SELECT head FROM runs WHERE phase = 'blocked' AND ended >= :since ORDER BY ended, rowid;

-- name: reviewed_heads
-- In a head, a quote inside a string is escaped, so only the key itself matches.
SELECT head FROM runs WHERE started >= :since AND instr(head, '"reviews":[')
ORDER BY started DESC, rowid DESC;

-- name: asked_body
SELECT asked FROM runs WHERE id = :id;

-- name: find_root_state
SELECT cap, driver, cancel FROM runs WHERE id = :id;

-- name: set_root_cap
UPDATE runs SET cap = :value WHERE id = :root;

-- name: set_root_driver
UPDATE runs SET driver = :value WHERE id = :root;

-- name: set_root_cancel
UPDATE runs SET cancel = :value WHERE id = :root;

-- name: list_runs
SELECT id FROM runs
WHERE coalesce(ended, '9') >= :since AND (:everything OR parent IS NULL)
ORDER BY started DESC, rowid DESC
LIMIT :limit;

-- name: find_runs
SELECT id FROM runs
WHERE id BETWEEN :name AND :name || char(1114111) AND (parent IS NULL OR id = :name)
ORDER BY id
LIMIT 3;

-- name: summarize_runs
SELECT id, parent, root, agent, prompt, title, phase, started, ended,
  (SELECT driver FROM runs AS top WHERE top.id = runs.root) AS driver,
  (SELECT coalesce(sum(usd), 0) FROM ledger
    WHERE root = runs.root AND instr(run || '.', runs.id || '.') = 1) AS usd,
  (SELECT coalesce(sum(calls), 0) FROM ledger
    WHERE root = runs.root AND instr(run || '.', runs.id || '.') = 1) AS calls,
  (SELECT count(*) FROM effects
    WHERE root = runs.root AND instr(run || '.', runs.id || '.') = 1
      AND state = 'in-doubt') AS in_doubt,
  (SELECT count(*) FROM effects
    WHERE root = runs.root AND instr(run || '.', runs.id || '.') = 1
      AND state IN ('parked', 'in-doubt') AND ruling <> 'proposal'
      AND iif(state = 'parked', coalesce(expires, '9') >= :now, model = '')) AS waiting
FROM (SELECT key AS place, value AS listed FROM json_each(:ids))
JOIN runs ON id = listed
ORDER BY place;

-- name: runs_started_since
SELECT title, phase, started FROM runs
WHERE started >= :since AND driver IS NOT :but_driver
ORDER BY started, rowid;

-- name: forgettable_roots
SELECT id FROM runs AS old
WHERE started < :before AND ended < :before AND parent IS NULL
  AND NOT EXISTS (SELECT 1 FROM runs WHERE root = old.id AND coalesce(ended, '9') >= :before)
  AND NOT EXISTS (SELECT 1 FROM effects WHERE root = old.id AND state NOT IN ('done', 'settled'))
  AND NOT EXISTS (SELECT 1 FROM ticks WHERE run = old.id);

-- name: forget_effects
DELETE FROM effects WHERE root IN (SELECT value FROM json_each(:roots));

-- name: forget_run_sums
DELETE FROM spent WHERE scope IN (SELECT 'run:' || value FROM json_each(:roots));

-- name: forget_runs
DELETE FROM runs WHERE root IN (SELECT value FROM json_each(:roots));
