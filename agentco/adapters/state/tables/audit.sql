-- The chain of all that was ruled, done, decided or stopped.

-- name: last_audit_link
SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1;

-- name: find_audit_hash
SELECT hash FROM audit WHERE seq = :seq;

-- name: insert_audit
INSERT INTO audit (seq, run, effect, line, hash) VALUES (:seq, :run, :effect, :line, :hash);

-- name: rewrite_audit
UPDATE audit SET line = :line, hash = :hash WHERE seq = :seq;

-- name: audit_lines
-- Those that tell of nothing but what was stored have an effect below zero.
SELECT line FROM audit
WHERE effect >= 0 AND (:run IN ('', run) OR substr(run, 1, length(:run) + 1) = :run || '.')
ORDER BY seq;

-- name: audit_of_effect
SELECT line FROM audit WHERE run = :run AND effect = :effect ORDER BY seq;

-- name: audit_chain
SELECT line, hash FROM audit ORDER BY seq;

-- name: find_tables
SELECT name FROM main.sqlite_schema
WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name NOT IN ('audit', 'sums')
ORDER BY name;

-- name: every_row
SELECT * FROM main.{table};

-- name: watch_inserts
CREATE TEMP TRIGGER watch_{table}_inserts AFTER INSERT ON main.{table}
BEGIN SELECT row_added('{table}', {new}); END;

-- name: watch_updates
CREATE TEMP TRIGGER watch_{table}_updates AFTER UPDATE ON main.{table}
BEGIN SELECT row_removed('{table}', {old}), row_added('{table}', {new}); END;

-- name: watch_deletes
CREATE TEMP TRIGGER watch_{table}_deletes AFTER DELETE ON main.{table}
BEGIN SELECT row_removed('{table}', {old}); END;

-- name: table_sums
SELECT name, sum FROM sums;

-- name: save_sum
INSERT OR REPLACE INTO sums (name, sum) VALUES (:name, :sum);
