-- The versions of files that runs wrote.

-- name: save_written_file
INSERT OR REPLACE INTO written_files
  (path, before, after, kept, run, root, effect, agent, prompt, at)
VALUES
  (:path, :before, :after, :kept, :run, :root, :effect, :agent, :prompt, :at);

-- name: files_written_at
SELECT path, before, after, kept, run, root, effect, agent, prompt, at FROM written_files
WHERE path = :path ORDER BY number;

-- name: files_written_between
SELECT path, before, after, kept, run, root, effect, agent, prompt, at FROM written_files
WHERE path >= :first AND path < :end ORDER BY number;

-- name: files_written_by
SELECT path, before, after, kept, run, root, effect, agent, prompt, at FROM written_files
WHERE root = :root ORDER BY number;

-- name: files_written_since
SELECT path, before, after, kept, run, root, effect, agent, prompt, at FROM written_files
WHERE at >= :since ORDER BY number;
