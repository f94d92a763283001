"""How many claims and figures of a public text are found, and how many are held for nothing.

`tuning.jsonl` and `looked.jsonl` were read while the words were chosen. `counted.jsonl` is written
by somebody who does not see the code, and never read; only its numbers count.
`/benchmarks/public_text/README.md` has the fields.

python benchmarks/public_text.py [--json] [--misses]
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from pathlib import Path

import msgspec

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

# the checkout is measured, not what is installed
from agentco.company import read_settings  # noqa: E402
from agentco.memory import MemoryGraph  # noqa: E402
from agentco.public_text import build_standards, check_public_text  # noqa: E402

BAR = 0.95
READ = ("tuning", "looked")
HALVES = (*READ, "counted")
TODAY = date(2026, 11, 21)
RULES = ("claims", "grounding")
PRODUCT = {
    "type": "entity",
    "name": "Lumen",
    "entityType": "product",
    "observations": (),
    "by": "founder",
}


class Case(msgspec.Struct, frozen=True):
    """A text with the findings that are due, each a rule and its words."""

    text: str
    findings: tuple[tuple[str, str], ...]
    sources: tuple[str, ...]
    lang: str = "en"
    kind: str = ""


class Counts(msgspec.Struct):
    """Of so many texts so many are right; findings that are due, made, and both."""

    texts: int = 0
    right: int = 0
    due: int = 0
    made: int = 0
    made_due: int = 0
    found: int = 0

    @property
    def precision(self) -> float:
        return self.made_due / self.made if self.made else 1.0

    @property
    def recall(self) -> float:
        return self.found / self.due if self.due else 1.0


@cache
def cases(name: str) -> tuple[Case, ...]:
    """The texts of a file; none if it is not there."""
    file = ROOT / "benchmarks" / "public_text" / f"{name}.jsonl"
    if not file.is_file():
        return ()
    return tuple(
        msgspec.json.decode(line, type=Case)
        for line in file.read_bytes().splitlines()
        if line.strip()
    )


@cache
def memory() -> MemoryGraph:
    graph = MemoryGraph()
    graph.add_raw_lines([msgspec.json.encode(PRODUCT)])
    return graph


def findings_of(case: Case) -> list[tuple[str, str]]:
    """What the program finds in a text, of the rules that are counted."""
    settings = read_settings("company: {name: Farol}\n").settings
    standards = build_standards(
        settings, memory(), words=case.sources, today=TODAY, hint=""
    )
    found = check_public_text(case.text, standards)
    return [(one.rule.value, one.text) for one in found if one.rule in RULES]


def same(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two findings are the same: one rule, and the words of one hold the other's."""
    words, others = one[1].casefold(), other[1].casefold()
    return one[0] == other[0] and (words in others or others in words)


def is_right(case: Case) -> bool:
    """Whether exactly what is due is found."""
    made = findings_of(case)
    return all(any(same(due, one) for one in made) for due in case.findings) and all(
        any(same(due, one) for due in case.findings) for one in made
    )


def counted(of: Iterable[Case], rule: str) -> Counts:
    counts = Counts()
    for case in of:
        made = [one for one in findings_of(case) if one[0] == rule]
        due = [one for one in case.findings if one[0] == rule]
        counts.texts += 1
        counts.right += is_right(case)
        counts.made += len(made)
        counts.due += len(due)
        counts.made_due += sum(any(same(one, two) for two in due) for one in made)
        counts.found += sum(any(same(one, two) for two in made) for one in due)
    return counts


def rows(half: str) -> Iterator[tuple[str, Counts]]:
    """The rows of a half's table: each rule, in each language, and what it is about."""
    of = cases(half)
    for rule in RULES:
        yield rule, counted(of, rule)
        for lang in ("en", "pt"):
            yield f"  {lang}", counted([one for one in of if one.lang == lang], rule)
    for kind in sorted({case.kind for case in of}):
        some = [case for case in of if case.kind == kind]
        both = [counted(some, rule) for rule in RULES]
        total = Counts(
            texts=len(some),
            right=sum(map(is_right, some)),
            due=sum(one.due for one in both),
            made=sum(one.made for one in both),
            made_due=sum(one.made_due for one in both),
            found=sum(one.found for one in both),
        )
        yield f"    {kind}", total


def print_table(half: str) -> bool:
    """Print a half; whether both rules reach the bar."""
    print(f"{half}.jsonl, {len(cases(half))} texts")
    print(f"{'':18}{'right':>12}{'precision':>12}{'recall':>10}")
    reached = True
    for name, one in rows(half):
        right = f"{one.right}/{one.texts}"
        print(f"{name:18}{right:>12}{one.precision:>12.1%}{one.recall:>10.1%}")
        if name in RULES:
            reached = reached and min(one.precision, one.recall) >= BAR
    return reached


def print_misses(half: str) -> None:
    for case in cases(half):
        if not is_right(case):
            print(json.dumps(case.text, ensure_ascii=False))
            print(f"    due {[*case.findings]} made {findings_of(case)}")


def as_document() -> dict[str, object]:
    return {
        half: {
            rule: {"precision": one.precision, "recall": one.recall, "due": one.due}
            for rule, one in ((rule, counted(cases(half), rule)) for rule in RULES)
        }
        for half in HALVES
        if cases(half)
    }


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--misses", action="store_true", help="of what may be read")
    args = parser.parse_args()
    if args.json:
        print(json.dumps(as_document()))
        return 0
    reached = [print_table(half) for half in HALVES if cases(half)]
    if args.misses:
        for half in READ:
            print_misses(half)
    return 0 if all(reached) else 1


if __name__ == "__main__":
    raise SystemExit(main())
