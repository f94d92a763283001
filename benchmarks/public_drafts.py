"""Whole drafts whose strings to hold and to let pass are known: how many are judged rightly.

`drafts_read.jsonl` was read while the rules were written; `drafts_counted.jsonl` is by another hand
and never read, only its shares count; `drafts_fresh.jsonl` is by the hand that wrote what the
models were trained on, and was never trained on.
`/benchmarks/public_text/README.md` has the fields.

python benchmarks/public_drafts.py [--json] [--misses]
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

# the checkout is measured, not what is installed
from public_text import TODAY  # noqa: E402

from agentco.company import read_settings  # noqa: E402
from agentco.memory import MemoryGraph  # noqa: E402
from agentco.public_text import Finding, build_standards, check_public_text  # noqa: E402

READ, COUNTED, FRESH = "drafts_read", "drafts_counted", "drafts_fresh"
RULES = ("claims", "grounding")
BAR = 0.95
FLOORS = {
    READ: {"strings": 0.95, "held where due": 0.93, "let pass": 0.96},
    COUNTED: {"strings": 0.87, "held where due": 0.88, "let pass": 0.865},
    FRESH: {"strings": 0.865, "held where due": 0.70, "let pass": 0.90},
}
"""What is reached and kept; the bar is not reached yet."""
Span = tuple[int, int]


class Claim(msgspec.Struct, frozen=True):
    """What the founder claims of a product, and how far it is true."""

    product: str
    claim: str
    status: str


class Draft(msgspec.Struct, frozen=True):
    """A draft with its sources, the founder's claims, and what of it must be held and must not."""

    id: str
    text: str
    files: dict[str, str]
    claims: tuple[Claim, ...]
    hold: tuple[str, ...]
    fine: tuple[str, ...]
    lang: str = "en"


class Verdict(msgspec.Struct, frozen=True):
    """What of a draft was judged wrongly: not held, held for nothing, held where nothing is due."""

    missed: tuple[str, ...]
    held: tuple[str, ...]
    elsewhere: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        return not (self.missed or self.held or self.elsewhere)


@cache
def drafts(name: str) -> tuple[Draft, ...]:
    """The drafts of a file; none if it is not there."""
    file = ROOT / "benchmarks" / "public_text" / f"{name}.jsonl"
    if not file.is_file():
        return ()
    return tuple(
        msgspec.json.decode(line, type=Draft)
        for line in file.read_bytes().splitlines()
        if line.strip()
    )


def memory_of(draft: Draft) -> MemoryGraph:
    """The founder's products and claims; what is LIVE has a proof."""
    graph = MemoryGraph()
    entities: list[tuple[str, str, list[str]]] = []
    for number, one in enumerate(draft.claims):
        said = [f"Level: {one.status}", f"Words: {one.claim}"]
        if one.status == "LIVE":
            said.append("Evidence: the founder's own test")
        entities.append((f"claim:{one.product}:{number}", "claim", said))
    products = dict.fromkeys(one.product for one in draft.claims)
    entities += [(product, "product", []) for product in products]
    for name, kind, said in entities:
        line = {"type": "entity", "name": name, "entityType": kind, "by": "founder"}
        graph.add_raw_lines([msgspec.json.encode({**line, "observations": said})])
    return graph


def findings_of(draft: Draft) -> tuple[Finding, ...]:
    """What holds a draft, of the rules that are counted."""
    standards = build_standards(
        read_settings("company: {name: Farol}\n").settings,
        memory_of(draft),
        words=tuple(draft.files.values()),
        today=TODAY,
        hint="",
    )
    found = check_public_text(draft.text, standards)
    return tuple(one for one in found if one.rule in RULES)


def spans_of(text: str, words: str, line: int = 0) -> Iterator[Span]:
    """Where words stand in a text, or in one line of it; `3` does not stand in `13`."""
    pattern = re.compile(rf"(?<!\w){re.escape(words)}(?!\w)")
    for match in pattern.finditer(text):
        if not line or text.count("\n", 0, match.start()) == line - 1:
            yield match.span()


def meet(some: list[Span], others: list[Span]) -> bool:
    return any(a < d and c < b for a, b in some for c, d in others)


def verdict_of(draft: Draft) -> Verdict:
    """What is wrong with the findings of a draft."""
    found = [
        (one, [*spans_of(draft.text, one.text, one.line)]) for one in findings_of(draft)
    ]
    held = [span for _, spans in found for span in spans]
    due = [span for words in draft.hold for span in spans_of(draft.text, words)]
    fine = [span for words in draft.fine for span in spans_of(draft.text, words)]
    return Verdict(
        missed=tuple(
            words
            for words in draft.hold
            if not meet([*spans_of(draft.text, words)], held)
        ),
        held=tuple(
            words
            for words in draft.fine
            if any(meet([*spans_of(draft.text, words)], spans) for _, spans in found)
        ),
        elsewhere=tuple(
            f"{one.rule.value}: {one.text}"
            for one, spans in found
            if not meet(spans, [*due, *fine])
        ),
    )


@cache
def verdicts_of(name: str) -> list[tuple[Draft, Verdict]]:
    return [(draft, verdict_of(draft)) for draft in drafts(name)]


def shares(name: str, lang: Literal["en", "pt"] | None = None) -> dict[str, float]:
    """The shares of a file that are right: strings, those to hold, those to pass, drafts."""
    judged = [pair for pair in verdicts_of(name) if lang in {None, pair[0].lang}]
    some = [draft for draft, _ in judged]
    verdicts = [verdict for _, verdict in judged]
    due = sum(len(draft.hold) for draft in some)
    fine = sum(len(draft.fine) for draft in some)
    missed = sum(len(one.missed) for one in verdicts)
    held = sum(len(one.held) for one in verdicts)
    elsewhere = sum(len(one.elsewhere) for one in verdicts)
    return {
        "strings": 1 - (missed + held) / (due + fine),
        "with elsewhere": (due + fine - missed - held) / (due + fine + elsewhere),
        "held where due": 1 - missed / due,
        "let pass": 1 - held / fine,
        "drafts": sum(one.is_right for one in verdicts) / len(some),
    }


def print_table(name: str) -> None:
    print(f"{name}.jsonl, {len(drafts(name))} drafts")
    for title, reached in shares(name).items():
        row = [reached, *(shares(name, lang)[title] for lang in ("en", "pt"))]
        missed = "" if reached >= BAR else f"   short of {BAR:.0%}"
        print(f"  {title:16}" + "".join(f"{one:>10.1%}" for one in row) + missed)


def print_misses() -> None:
    for draft, verdict in verdicts_of(READ):
        if not verdict.is_right:
            print(draft.id, json.dumps(draft.text, ensure_ascii=False))
            print(f"    {msgspec.structs.asdict(verdict)}")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--misses", action="store_true", help="of what may be read")
    args = parser.parse_args()
    there = [name for name in (READ, COUNTED, FRESH) if drafts(name)]
    if args.json:
        print(json.dumps({name: shares(name) for name in there}))
        return 0
    for name in there:
        print_table(name)
    if args.misses:
        print_misses()
    kept = [
        shares(name)[title] >= floor
        for name in there
        for title, floor in FLOORS[name].items()
    ]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    raise SystemExit(main())
