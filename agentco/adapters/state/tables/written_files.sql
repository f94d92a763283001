-- The versions of files that runs wrote.

-- name: save_written_file
INSERT OR REPLACE INTO written_files
  (path, before, after, kept, run, root, effect, agent, prompt, at)
VALUES
  (:path, :before, :after, :kept, :run, :root, :effect, :agent, :prompt, :at);

-- name: written_files
SELECT path, before, after, kept, run, root, effect, agent, prompt, at FROM written_files
WHERE :path IN ('', path) AND :root IN ('', root) AND at >= :since
ORDER BY number;
