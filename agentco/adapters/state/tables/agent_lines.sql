-- Lines that agents wrote, by their fingerprints.

-- name: save_agent_line
INSERT OR REPLACE INTO agent_lines (fingerprint) VALUES (:fingerprint);

-- name: known_agent_lines
SELECT fingerprint FROM agent_lines
WHERE fingerprint IN (SELECT value FROM json_each(:fingerprints));

-- name: forget_agent_lines
DELETE FROM agent_lines
WHERE number <= (SELECT max(number) FROM agent_lines) - :kept;
