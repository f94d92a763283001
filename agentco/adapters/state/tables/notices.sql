-- When the founder was last told of what.

-- name: told_notices
SELECT key, at FROM notices;

-- name: save_notice
INSERT OR REPLACE INTO notices (key, at) VALUES (:key, :at);

-- name: remove_notice
DELETE FROM notices WHERE key = :key;

-- name: forget_notices
DELETE FROM notices WHERE at < :before;
