-- The chain of all that was ruled, done, decided or stopped.

-- name: last_audit_link
SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1;

-- name: insert_audit
INSERT INTO audit (seq, run, effect, line, hash) VALUES (:seq, :run, :effect, :line, :hash);

-- name: audit_lines
SELECT line FROM audit
WHERE :run IN ('', run) OR substr(run, 1, length(:run) + 1) = :run || '.'
ORDER BY seq;

-- name: audit_of_effect
SELECT line FROM audit WHERE run = :run AND effect = :effect ORDER BY seq;

-- name: audit_chain
SELECT line, hash FROM audit ORDER BY seq;
