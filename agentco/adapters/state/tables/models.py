"""How the models do: what they were asked today, how they failed, how they count."""

from agentco.adapters.state.tables.statements import Statements
from agentco.rules.budget import ModelUsage
from agentco.rules.model_health import ModelHealth
from agentco.rules.read_context import LearnedContext


class ModelTables(Statements):
    """One row for each model that failed of late, and for each whose tokens were counted."""

    def model_usage(self, model: str, day: str) -> ModelUsage:
        """Return what a model came to on a day of the company, open calls included."""
        [(calls, spent, tokens)] = self.select("paid_usage", model=model, day=day)
        [(open_calls, reserved)] = self.select("open_usage", model=model, day=day)
        return ModelUsage(
            calls=calls + open_calls, spent=spent, reserved=reserved, tokens=tokens
        )

    def model_health(self, model: str) -> ModelHealth | None:
        """Return how a model failed of late, None for one that answers."""
        rows = self.select_as(ModelHealth, "find_health", model=model)
        if not rows:
            return None
        return rows[0]

    def save_model_health(self, health: ModelHealth) -> None:
        """Replace how a model failed."""
        self.change(
            "save_health",
            model=health.model,
            failures=health.failures,
            until=health.until.isoformat(timespec="seconds"),
            why=health.why,
        )

    def delete_model_health(self, model: str) -> None:
        """Forget that a model failed."""
        self.change("delete_health", model=model)

    def last_token_count(self, model: str) -> tuple[int, int] | None:
        """Return what a prompt was last estimated at, and the tokens that were counted in it."""
        row = self.select_first("find_token_count", model=model)
        if row is None:
            return None
        estimate, tokens = row
        return estimate, tokens

    def save_token_count(self, model: str, estimate: int, tokens: int) -> None:
        """Replace what a provider counted in a prompt that was estimated."""
        self.change("save_token_count", model=model, estimate=estimate, tokens=tokens)

    def learned_context(self, model: str) -> LearnedContext | None:
        """Return how many tokens a model was seen to take; None where nothing was seen."""
        rows = self.select_as(LearnedContext, "find_learned_context", model=model)
        if not rows:
            return None
        return rows[0]

    def save_learned_context(self, learned: LearnedContext) -> None:
        """Replace how many tokens a model was seen to take."""
        self.change(
            "save_learned_context",
            model=learned.model,
            tokens=learned.tokens,
            sent=learned.sent,
            claimed=learned.claimed,
            at=learned.at.isoformat(timespec="seconds"),
        )
