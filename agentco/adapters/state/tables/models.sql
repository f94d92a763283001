-- How the models do.

-- name: paid_usage
SELECT coalesce(sum(calls), 0), coalesce(sum(usd), 0), coalesce(sum(input), 0) + coalesce(sum(output), 0)
FROM ledger
WHERE day = :day AND model = :model;

-- name: open_usage
SELECT count(*), coalesce(sum(reserved), 0) FROM effects
WHERE state = 'sent' AND day = :day AND model = :model;

-- name: find_health
SELECT model, failures, until, why FROM health WHERE model = :model;

-- name: save_health
INSERT OR REPLACE INTO health (model, failures, until, why)
VALUES (:model, :failures, :until, :why);

-- name: delete_health
DELETE FROM health WHERE model = :model;

-- name: find_token_count
SELECT estimate, tokens FROM token_counts WHERE model = :model;

-- name: save_token_count
INSERT OR REPLACE INTO token_counts (model, estimate, tokens) VALUES (:model, :estimate, :tokens);

-- name: find_learned_context
SELECT model, tokens, sent, claimed, at FROM learned_contexts WHERE model = :model;

-- name: save_learned_context
INSERT OR REPLACE INTO learned_contexts (model, tokens, sent, claimed, at)
VALUES (:model, :tokens, :sent, :claimed, :at);
