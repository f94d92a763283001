-- What every run wants done.

-- name: save_effect
INSERT OR REPLACE INTO effects
  (run, number, root, agent, state, wanted, at, image, ruling, model, reserved, day, driver, expires, result, plan)
VALUES
  (:run, :number, :root, :agent, :state, :wanted, :at, :image, :ruling, :model, :reserved, :day, :driver,
   :expires, :result, :plan);

-- name: find_effect
SELECT run, number, root, agent, state, wanted, at, image, ruling, model, reserved, day, driver, expires, result, plan
FROM effects WHERE run = :run AND number = :number;

-- name: effects_of_run
SELECT run, number, root, agent, state, wanted, at, image, ruling, model, reserved, day, driver, expires, result, plan
FROM effects WHERE run = :run ORDER BY number;

-- name: load_effects
SELECT run, number, root, agent, state, wanted, at, image, ruling, model, reserved, day, driver, expires, result, plan
FROM effects WHERE root = :root AND state IN (SELECT value FROM json_each(:states))
ORDER BY at, run, number;

-- name: open_effects
SELECT run, number, root, agent, state, wanted, at, image, ruling, model, reserved, day, driver, expires, result, plan
FROM effects WHERE state IN (SELECT value FROM json_each(:states))
ORDER BY at, run, number;
