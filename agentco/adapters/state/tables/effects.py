"""What every run wants done."""

from agentco.adapters.state.stored_forms import decode_effect, effect_columns
from agentco.adapters.state.tables.statements import Statements, json_array
from agentco.runs.effects import EffectRecord, EffectState


class EffectTable(Statements):
    """One row for each effect."""

    def save_effect(self, row: EffectRecord) -> None:
        """Add an effect, or replace it."""
        self.change("save_effect", **effect_columns(row))

    def find_effect(self, run: str, number: int) -> EffectRecord | None:
        """Return one effect."""
        row = self.select_first("find_effect", run=run, number=number)
        return decode_effect(row) if row else None

    def effects_of_run(self, run: str) -> list[EffectRecord]:
        """Return the effects of one run in order."""
        rows = self.select("effects_of_run", run=run)
        return [decode_effect(row) for row in rows]

    def load_effects(self, root: str, *states: EffectState) -> list[EffectRecord]:
        """Return the effects of a root and its children in these states (none: all)."""
        if not states:
            states = tuple(EffectState)
        names = json_array(states)
        rows = self.select("load_effects", root=root, states=names)
        return [decode_effect(row) for row in rows]

    def open_effects(self, *states: EffectState) -> list[EffectRecord]:
        """Return the effects of all runs in these states, oldest first."""
        names = json_array(states)
        rows = self.select("open_effects", states=names)
        return [decode_effect(row) for row in rows]
