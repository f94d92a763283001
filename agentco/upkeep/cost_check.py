"""Compare a provider's export of what was used with the ledger, by UTC day and model."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct

from agentco.desk.open_company import OpenCompany
from agentco.file_formats.source_file import FileFindings, SourceFile
from agentco.file_formats.text_decoding import decode_text
from agentco.file_formats.usage_export import (
    NoExport,
    UsageExport,
    UsedAmount,
    read_usage_export,
)
from agentco.kernel.errors import WrongUsage
from agentco.kernel.money import MICROS_PER_CENT
from agentco.ports.stored_values import DayUsage

MAX_EXPORT_BYTES = 50_000_000
CLOSE_PERCENT = 2
MEASURES = ("usd", "input", "output")
_SNAPSHOT = re.compile(r"[-@](\d{8}|\d{4}-\d{2}-\d{2}|latest)$")
_HINT = (
    "export it as CSV by day and model; docs/how-to/check-a-bill.md names the columns"
)
_ModelKey = tuple[tuple[str, ...], tuple[str, ...]]


class CheckedAmount(Struct, frozen=True, kw_only=True):
    """What one model came to on one day by the provider and by the ledger; None where unknown.

    `stated` is the cost by what the answers themselves said, in micro-dollars.
    """

    day: str
    model: str
    theirs: UsedAmount | None
    ours: UsedAmount | None
    stated: int | None = None

    @property
    def measures(self) -> list[str]:
        """What can be compared: all that the export says anything of."""
        shown = self.theirs or UsedAmount(usd=0, input=0, output=0)
        return [name for name in MEASURES if getattr(shown, name) is not None]

    def pair(self, measure: str) -> tuple[int, int]:
        """Theirs and ours, in micro-dollars or tokens."""
        both = (self.theirs, self.ours)
        theirs, ours = (getattr(one, measure, None) or 0 for one in both)
        return theirs, ours

    def mark(self, measure: str) -> str:
        """What is wrong: empty within two percent, or a cent of the cost."""
        theirs, ours = self.pair(measure)
        slack = 0
        if measure == "usd":
            slack = max(MICROS_PER_CENT, self.theirs.rounding if self.theirs else 0)
        off = abs(theirs - ours)
        if off <= slack or off * 100 <= max(theirs, ours) * CLOSE_PERCENT:
            return ""
        if self.ours is None:
            return "only theirs"
        return "differs" if self.theirs else "only ours"


class CostCheck(Struct, frozen=True, kw_only=True):
    """An export beside the ledger; `provider` is empty where its heads do not tell whose it is."""

    file: str
    provider: str
    first: str
    last: str
    measures: tuple[str, ...]
    rows: tuple[CheckedAmount, ...]

    @property
    def differences(self) -> int:
        """How many rows say something else than the ledger."""
        return sum(
            any(row.mark(measure) for measure in self.measures) for row in self.rows
        )


def check_costs(company: OpenCompany, name: str) -> CostCheck:
    """Compare a file with the ledger; what plans answered is on no bill, and left out.

    Raises WrongUsage for a file that cannot be read, or is no such export.
    """
    try:
        data = company.files.read_anywhere(Path(name), MAX_EXPORT_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise WrongUsage(f"cannot read {name!r}: {reason}", hint=_HINT) from None
    if len(data) > MAX_EXPORT_BYTES:
        raise WrongUsage(f"{name!r} is larger than 50 MB", hint="export fewer days")
    text = decode_text(SourceFile(path=name, data=data), FileFindings(name))
    try:
        export = read_usage_export(text or "")
    except NoExport as error:
        what = f"{name!r} is not a usage export: {error}"
        raise WrongUsage(what, hint=_HINT) from None
    if not export.used:
        what = f"{name!r} has no usage: no tokens and no cost"
        raise WrongUsage(what, hint="export days on which models were used")
    days = [day for day, _ in export.used]
    first, last = min(days), max(days)
    ours = company.read_state(lambda tx: tx.sum_usage(first, last), ())
    return compare_usage(name, export, ours)


def compare_usage(
    name: str, export: UsageExport, ledger: Iterable[DayUsage]
) -> CostCheck:
    """Put an export beside the ledger's days, of which those of other providers are left out."""
    theirs = _by_key(export.used)
    ledger = list(ledger)
    providers = _providers_on_it(export, {row.model for row in ledger})
    ours = [row for row in ledger if _provider_of(row.model) in providers]
    booked = _by_key({(row.day, row.model): _amount_of(row) for row in ours})
    stated = _stated_by_key(ours)
    names = {model_key(model): model for _, model in export.used}
    names |= {model_key(row.model): row.model for row in ours}
    rows = [
        CheckedAmount(
            day=day,
            model=names[key],
            theirs=theirs.get((day, key)),
            ours=booked.get((day, key)),
            stated=stated.get((day, key)),
        )
        for day, key in sorted(theirs.keys() | booked.keys())
    ]
    days = [day for day, _ in export.used]
    said = export.used.values()
    measures = tuple(
        measure
        for measure in MEASURES
        if any(getattr(amount, measure) is not None for amount in said)
    )
    return CostCheck(
        file=name,
        provider=export.provider,
        first=min(days),
        last=max(days),
        measures=measures,
        rows=tuple(rows),
    )


def model_key(name: str) -> _ModelKey:
    """What is the same for a model under each of its names.

    `anthropic/claude-haiku-4-5`, `Claude Haiku 4.5` and `claude-4.5-haiku-20251001` are one.
    """
    plain = re.sub(r"[\s_]+", "-", name.rpartition("/")[2].casefold().strip())
    plain = _SNAPSHOT.sub("", plain.partition(":")[0])
    parts = re.findall(r"[^-.]+", plain)
    words = sorted(part for part in parts if not part.isdecimal())
    return tuple(words), tuple(part for part in parts if part.isdecimal())


def _by_key(
    used: Mapping[tuple[str, str], UsedAmount],
) -> dict[tuple[str, _ModelKey], UsedAmount]:
    found = defaultdict[tuple[str, _ModelKey], UsedAmount](UsedAmount)
    for (day, model), amount in used.items():
        key = day, model_key(model)
        found[key] = found[key].plus(amount)
    return dict(found)


def _stated_by_key(ours: Iterable[DayUsage]) -> dict[tuple[str, _ModelKey], int]:
    """What answers say each model came to on each day that any of them says it."""
    found = defaultdict[tuple[str, _ModelKey], int](int)
    told = set[tuple[str, _ModelKey]]()
    for row in ours:
        key = row.day, model_key(row.model)
        said = row.usd_by_answers
        found[key] += row.usd if said is None else said
        if said is not None:
            told.add(key)
    return {key: found[key] for key in told}


def _providers_on_it(export: UsageExport, models: set[str]) -> set[str]:
    """Whose models the export lists: its own provider's, else those that any of its models has."""
    providers = {_provider_of(model) for model in models}
    if export.provider in providers:
        return {export.provider}
    keys = {model_key(model) for _, model in export.used}
    return {_provider_of(model) for model in models if model_key(model) in keys}


def _provider_of(model: str) -> str:
    return model.partition("/")[0]


def _amount_of(row: DayUsage) -> UsedAmount:
    return UsedAmount(usd=row.usd, input=row.input_tokens, output=row.output_tokens)
