"""The labelled drafts as they are trained on and counted: departments, sentences, folds."""

import json
import re
import sys
from collections import Counter
from hashlib import md5
from pathlib import Path
from typing import Any

from msgspec import Struct

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from agentco.judging.text_units import TextUnit, split_units  # noqa: E402  the checkout is measured
from agentco.review.asserting_text import shown_text  # noqa: E402

HERE = Path(__file__).parent
DEPARTMENTS = ("cfo", "accountant", "lawyer", "cto", "how", "ceo", "marketing", "coo")
OWN = {name: name for name in DEPARTMENTS if name != "how"}
OF_TRIGGER = {
    "money": "cfo",
    "infrastructure-cost": "cfo",
    "tax": "accountant",
    "pricing-tax": "accountant",
    "legal": "lawyer",
    "trust": "lawyer",
    "technology": "cto",
    "how-it-works": "how",
    "direction": "ceo",
    "launch": "marketing",
    "several-teams": "coo",
}
FOLDS = 5


class Labelled(Struct, kw_only=True):
    """A labelled draft: `due` and `may` are departments, `at` what makes a review due.

    `source` is short, long or sentence; `counted` ones are never trained on. `group` holds
    drafts together that are nearly the same, or of one hand.
    """

    id: str
    source: str
    lang: str
    author: str
    public: bool
    kind: str
    about: str
    due: frozenset[str]
    may: frozenset[str]
    at: dict[str, list[str]]
    text: str
    group: str
    counted: bool
    units: list[TextUnit]

    @property
    def is_own(self) -> frozenset[str]:
        """The departments whose matters are the author's own."""
        if self.author in {"cto", "coo"}:
            return frozenset({self.author, "how"})
        return frozenset({self.author})

    def positive_units(self, department: str) -> list[int]:
        """The sentences that make a review due."""
        spans: list[tuple[int, int]] = []
        for words in self.at.get(department, ()):
            place = self.text.find(words)
            if place >= 0:
                spans.append((place, place + len(words)))
        found: list[int] = []
        for number, unit in enumerate(self.units):
            end = unit.start + len(unit.text)
            size = len(unit.text.strip())
            for start, stop in spans:
                if (
                    min(end, stop) - max(unit.start, start)
                    > min(size, stop - start) / 2
                ):
                    found.append(number)
                    break
        return found


def fold_of(draft: Labelled) -> int:
    """The part of the data a draft is in, with all drafts of its group; -1 is always trained on."""
    if draft.source == "sentence":
        return -1
    if draft.group in HANDS:
        return HANDS.index(draft.group) % FOLDS
    return int(md5(draft.group.encode(), usedforsecurity=False).hexdigest(), 16) % FOLDS


HANDS = tuple(f"hand-{letter}" for letter in "abcdleghkmnopqrstuz")


def load_labelled() -> list[Labelled]:
    """All labelled drafts: short, long and single sentences."""
    fresh = [*load_counted(HERE / "fresh-long.jsonl")]
    fresh += load_counted(HERE / "fresh-short.jsonl")
    return [*_load_short(), *_load_long(), *_load_sentences(), *fresh]


def load_counted(file: Path) -> list[Labelled]:
    """The drafts of another file, short ones (`due`) or long ones (`must`), none trained on."""
    drafts: list[Labelled] = []
    for row in _read_rows(file):
        if "must" in row:
            drafts.append(_long_draft(row, "other", counted=True))
        else:
            drafts.append(_short_draft(row, "other", counted=True))
    return drafts


def _read_rows(file: Path) -> list[Any]:
    text = file.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def _read(name: str) -> list[Any]:
    return _read_rows(HERE / name)


def _load_short() -> list[Labelled]:
    rows: list[Any] = []
    for name in ("report-en", "report-pt", "tune-en", "tune-pt"):
        rows += _read(f"{name}.jsonl")
    groups = _group_alike([row["text"] for row in rows])
    drafts: list[Labelled] = []
    for row, group in zip(rows, groups, strict=True):
        draft = _short_draft(row, f"short-{group}", counted=False)
        draft.counted = fold_of(draft) == 0
        drafts.append(draft)
    more = _read("short-more.jsonl")
    hands = (f"short-by-{row['id'][0]}" for row in more)
    rest = zip(more, hands, strict=True)
    return drafts + [_short_draft(row, hand, counted=False) for row, hand in rest]


def _short_draft(row: Any, group: str, *, counted: bool) -> Labelled:
    return Labelled(
        id=row["id"],
        source="short",
        lang=row["lang"],
        author=row["author"],
        public=row["public"],
        kind=row["kind"],
        about=OF_TRIGGER.get(row["about"], ""),
        due=frozenset(OF_TRIGGER[name] for name in row["due"]),
        may=frozenset(),
        at={},
        text=row["text"],
        group=group,
        counted=counted,
        units=split_units(shown_text(row["text"])),
    )


def _group_alike(texts: list[str]) -> list[int]:
    """For each text the number of the first one that shares a quarter of its word triples."""
    shingles: list[set[str]] = []
    for text in texts:
        words = re.findall(r"\w+", text.lower())
        shingles.append({" ".join(words[i : i + 3]) for i in range(len(words) - 2)})
    first = list(range(len(texts)))
    holders: dict[str, list[int]] = {}
    for number, own in enumerate(shingles):
        shared = Counter(other for piece in own for other in holders.get(piece, ()))
        for other, size in shared.items():
            if size >= min(len(own), len(shingles[other])) / 4:
                _join(first, number, other)
        for piece in own:
            holders.setdefault(piece, []).append(number)
    return [_root(first, number) for number in range(len(texts))]


def _root(first: list[int], number: int) -> int:
    while first[number] != number:
        number = first[number]
    return number


def _join(first: list[int], one: int, other: int) -> None:
    one, other = _root(first, one), _root(first, other)
    first[max(one, other)] = min(one, other)


def _load_long() -> list[Labelled]:
    drafts: list[Labelled] = []
    for row in _read("long.jsonl"):
        number = int(row["id"].rpartition("-")[2])
        drafts.append(_long_draft(row, "hand-l", counted=number % 2 == 1))
    more = _read("long-train.jsonl")
    hands = (f"hand-{row['id'][0]}" for row in more)
    rest = zip(more, hands, strict=True)
    return drafts + [_long_draft(row, hand, counted=False) for row, hand in rest]


def _department(name: str) -> str:
    """The one that a `must` is counted under; either of two stands for how the product works."""
    return "how" if "|" in name else name


def _long_draft(row: Any, group: str, *, counted: bool) -> Labelled:
    may = frozenset(map(_department, row["may"]))
    if may & {"cto", "coo"}:
        may |= {"how"}
    at: dict[str, list[str]] = {}
    for name, words in row["at"].items():
        at[_department(name)] = words if isinstance(words, list) else [words]
    return Labelled(
        id=row["id"],
        source="long",
        lang=row["lang"],
        author=row["author"],
        public=row["public"],
        kind="long",
        about="",
        due=frozenset(map(_department, row["must"])),
        may=may,
        at=at,
        text=row["text"],
        group=group,
        counted=counted,
        units=split_units(shown_text(row["text"])),
    )


def _load_sentences() -> list[Labelled]:
    drafts: list[Labelled] = []
    for number, row in enumerate(_read("sentences.jsonl")):
        due = frozenset({row["due"]} if row["due"] else ())
        drafts.append(
            Labelled(
                id=f"sentence-{number}",
                source="sentence",
                lang=row["lang"],
                author="founder",
                public=row["public"],
                kind="sentence",
                about="",
                due=due,
                may=frozenset(),
                at={name: [row["text"]] for name in due},
                text=row["text"],
                group="",
                counted=False,
                units=split_units(shown_text(row["text"])),
            )
        )
    return drafts
