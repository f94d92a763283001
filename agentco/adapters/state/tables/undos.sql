-- What files were before runs changed them, and what was taken back.

-- name: insert_version
INSERT OR REPLACE INTO kept_versions (hash, at, size, data)
VALUES (:name, :at, :size, :data);

-- name: find_version
SELECT data FROM kept_versions WHERE hash = :name;

-- name: kept_bytes
SELECT coalesce(sum(size), 0) FROM kept_versions;

-- name: drop_oldest_version
DELETE FROM kept_versions WHERE rowid = (SELECT min(rowid) FROM kept_versions);

-- name: save_undo
INSERT OR REPLACE INTO undos (name, of, at, done, files)
VALUES (:name, :of, :at, :done, :files);

-- name: undos_of
SELECT name, of, at, done, files FROM undos WHERE of = :of ORDER BY rowid;

-- name: find_undo
SELECT name, of, at, done, files FROM undos WHERE name = :name;
