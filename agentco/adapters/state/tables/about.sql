-- What the state says of itself.

-- name: insert_fact
INSERT INTO about (key, value) VALUES (:key, :value);

-- name: find_fact
SELECT value FROM about WHERE key = :key;

-- name: find_code
SELECT name FROM sqlite_schema WHERE rootpage = 0 OR type NOT IN ('table', 'index') LIMIT 1;
