-- Prompts, answers and results, by the sha256 of their bytes.

-- name: put_body
INSERT INTO bodies (hash, at, data) VALUES (:name, :at, :data)
ON CONFLICT DO UPDATE SET at = excluded.at;

-- name: find_body
SELECT data FROM bodies WHERE hash = :name;

-- name: delete_body
DELETE FROM bodies WHERE hash = :name;

-- name: prunable_bodies
WITH kept AS (SELECT id, asked, base FROM runs WHERE coalesce(ended, '9') >= :before)
SELECT hash FROM bodies
WHERE at < :before AND hash NOT IN (
  SELECT result FROM effects JOIN kept ON kept.id = effects.run WHERE result IS NOT NULL
  UNION SELECT asked FROM kept
  UNION SELECT base FROM kept);
