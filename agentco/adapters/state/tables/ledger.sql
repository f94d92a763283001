-- What was paid or may have been, the sums of it, and what open calls have reserved.

-- name: insert_payment
INSERT INTO ledger
  (at, day, root, run, effect, agent, prompt, model, calls, usd, input, output, in_doubt, plan, stated)
VALUES
  (:at, :day, :root, :run, :effect, :agent, :prompt, :model, :calls, :usd, :input, :output, :in_doubt, :plan, :stated);

-- name: add_to_scope
INSERT INTO spent (scope, usd) VALUES (:scope, :usd)
ON CONFLICT DO UPDATE SET usd = usd + excluded.usd;

-- name: spent_in_scope
SELECT coalesce(sum(usd), 0) FROM spent WHERE scope = :scope;

-- name: spent_by_plans
SELECT coalesce(sum(usd), 0) FROM ledger WHERE plan AND day BETWEEN :first AND :last;

-- name: reserved_by_run
SELECT coalesce(sum(reserved), 0) FROM effects WHERE state = 'sent' AND root = :root;

-- name: reserved_on_days
SELECT coalesce(sum(reserved), 0) FROM effects
WHERE state = 'sent' AND day BETWEEN :first AND :last;

-- name: reserved_by_agent
SELECT coalesce(sum(reserved), 0) FROM effects
WHERE state = 'sent' AND day = :day AND agent = :agent;

-- name: sum_costs
SELECT
  CASE :by WHEN 'agent' THEN agent WHEN 'model' THEN model WHEN 'prompt' THEN prompt ELSE day END AS key,
  sum(calls) AS calls,
  sum(usd) AS usd,
  coalesce(sum(input), 0) AS input_tokens,
  coalesce(sum(output), 0) AS output_tokens,
  coalesce(sum(usd) FILTER (WHERE plan), 0) AS plan_usd,
  sum(stated) AS stated_usd,
  coalesce(sum(usd) FILTER (WHERE stated IS NOT NULL), 0) AS stated_booked_usd
FROM ledger WHERE day >= :since
GROUP BY 1
ORDER BY iif(:by = 'day', 0, sum(usd)) DESC, 1;

-- name: sum_usage
SELECT
  substr(at, 1, 10) AS day,
  model,
  sum(usd) AS usd,
  coalesce(sum(input), 0) AS input_tokens,
  coalesce(sum(output), 0) AS output_tokens,
  sum(stated) AS stated_usd,
  coalesce(sum(usd) FILTER (WHERE stated IS NOT NULL), 0) AS stated_booked_usd
FROM ledger WHERE NOT plan AND substr(at, 1, 10) BETWEEN :first AND :last
GROUP BY 1, 2
ORDER BY 1, 2;

-- name: cost_of_run
SELECT coalesce(sum(usd), 0) FROM ledger WHERE root = :root AND run = :run;

-- name: cost_of_effect
SELECT coalesce(sum(usd), 0) FROM ledger WHERE root = :root AND run = :run AND effect = :effect;

-- name: costs_of_prompt
SELECT coalesce(usd, 0) FROM runs LEFT JOIN spent ON scope = 'run:' || id
WHERE parent IS NULL AND prompt = :prompt AND ended IS NOT NULL
ORDER BY started DESC, runs.rowid DESC
LIMIT :limit;

-- name: costs_of_similar_runs
SELECT spent.usd FROM runs
  JOIN runs AS this ON this.id = :root
  JOIN spent ON spent.scope = 'run:' || runs.id
WHERE runs.parent IS NULL AND runs.phase = 'done'
  AND (runs.agent, runs.prompt) = (this.agent, this.prompt)
ORDER BY runs.started DESC, runs.rowid DESC
LIMIT :limit;
