-- What the state says of itself.

-- name: insert_fact
INSERT INTO about (key, value) VALUES (:key, :value);

-- name: find_fact
SELECT value FROM about WHERE key = :key;
