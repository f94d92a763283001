"""The table of triggers, and what each came to: which rule earns its keep."""

from datetime import UTC, datetime

from msgspec import Struct

from agentco.company.settings import Trigger
from agentco.desk.lookups import unknown_name
from agentco.desk.open_company import OpenCompany
from agentco.kernel.names import slug
from agentco.overview.trigger_use import TriggerUse, trigger_uses
from agentco.review.triggers import all_triggers, can_fire


class TriggerRow(Struct, frozen=True, kw_only=True):
    """A trigger with its use; `is_on` is False where no text can fire it.

    Of one that is no longer in the table only its name is known.
    """

    trigger: Trigger
    is_own: bool
    is_on: bool
    use: TriggerUse


def list_triggers(
    company: OpenCompany, name: str | None = None, *, since: datetime | None = None
) -> list[TriggerRow]:
    """The triggers in the order of the table, with their use since then; those gone come last.

    With a name only this one. Raises WrongUsage if there is none.
    """
    moment = since.astimezone(UTC).isoformat(timespec="seconds") if since else ""
    uses = company.read_state(lambda tx: trigger_uses(tx, moment), {})
    own = company.settings.triggers
    own_names = {slug(trigger.name) for trigger in own}
    table = {slug(trigger.name): trigger for trigger in all_triggers(own)}
    for used in uses:
        table.setdefault(slug(used), Trigger(name=used))
    if name is not None and slug(name) not in table:
        raise unknown_name("trigger", name, [one.name for one in table.values()])
    rows: list[TriggerRow] = []
    for key, trigger in table.items():
        if name is None or key == slug(name):
            row = TriggerRow(
                trigger=trigger,
                is_own=key in own_names,
                is_on=can_fire(trigger),
                use=uses.get(trigger.name, TriggerUse()),
            )
            rows.append(row)
    return rows
