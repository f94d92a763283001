-- What became of each time that a scheduled prompt came due.

-- name: slot_history
SELECT job, slot, at, outcome, run, why,
  coalesce((
    SELECT json_extract(CAST(wanted AS TEXT), '$.outcome') FROM effects
    WHERE effects.run = ticks.run AND state <> 'settled'
      AND CAST(wanted AS TEXT) LIKE '{"type":"remember"%'
    ORDER BY number DESC LIMIT 1), '') AS ended
FROM ticks
WHERE :job IN (job, '') AND slot >= :since AND slot < :before
ORDER BY slot DESC, job
LIMIT :limit;

-- name: save_slot
INSERT INTO ticks (job, slot, at, outcome, run, why)
VALUES (:job, :slot, :at, :outcome, :run, :why)
ON CONFLICT DO UPDATE SET
  at = excluded.at, outcome = excluded.outcome, run = excluded.run, why = excluded.why
WHERE outcome IN ('taken', 'queued');

-- name: assign_run_to_slot
UPDATE ticks SET outcome = 'run', run = :run
WHERE job = :job AND slot = :slot AND outcome = 'taken';

-- name: last_skipped_slots
SELECT job, slot FROM ticks WHERE outcome = 'skipped' ORDER BY at;

-- name: forget_slots
DELETE FROM ticks
WHERE slot < :before AND slot < (
  SELECT slot FROM ticks AS newer WHERE newer.job = ticks.job
  ORDER BY slot DESC LIMIT 1 OFFSET :kept - 1);
