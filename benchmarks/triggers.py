"""How many drafts find their reviewers by the shipped words alone, and how many get a wrong one.

The drafts were written and labelled without sight of the words. Those of `tune-*.jsonl` were read
while the words were chosen; the bars hold for those of `report-*.jsonl`, which were written
afterwards and never read for it.

python benchmarks/triggers.py [--json] [--classifier PROVIDER/MODEL [--api-base URL]]
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from agentco.review import triggers  # noqa: E402  the checkout is measured, not what is installed

FOUND, FALSE = 0.95, 0.10
TABLE = triggers.merge_triggers(())
JUNK = ("a", "1% ", "€", "€1 ", "1.", "1 may ", "é\n", "**a", "&#", "price ")


class Draft(msgspec.Struct, frozen=True):
    """A labelled draft: `about` says what it was written for, `due` all triggers it calls for."""

    id: str
    author: str
    public: bool
    kind: Literal["plain", "oblique", "near-miss", "clean"]
    about: str
    due: frozenset[str]
    text: str

    @property
    def fired(self) -> frozenset[str]:
        """The triggers that the words find."""
        found = triggers.fired_triggers(
            self.text, TABLE, author=self.author, public=self.public
        )
        return frozenset(one.trigger for one in found)


class Share(msgspec.Struct, frozen=True):
    """So many of so many."""

    n: int
    of: int

    def __str__(self) -> str:
        return f"{self.n:>4}/{self.of:<4} {100 * self.n / max(1, self.of):5.1f} %"


@cache
def drafts(half: str) -> tuple[Draft, ...]:
    """The drafts of a half, `tune` or `report`."""
    files = sorted((ROOT / "benchmarks" / "triggers").glob(f"{half}-*.jsonl"))
    lines = (line for file in files for line in file.read_bytes().splitlines() if line)
    return tuple(msgspec.json.decode(line, type=Draft) for line in lines)


def share(of: Iterable[Draft], holds: Callable[[Draft], bool]) -> Share:
    counted = [holds(draft) for draft in of]
    return Share(sum(counted), len(counted))


def measured(half: str) -> dict[str, Share]:
    """The numbers of a half; `plain` is the headline: its `about` trigger fired."""
    all_ = drafts(half)
    plain = [draft for draft in all_ if draft.kind == "plain"]
    oblique = [draft for draft in all_ if draft.kind == "oblique"]
    quiet = [draft for draft in all_ if draft.kind in {"near-miss", "clean"}]
    return {
        "plain": share(plain, lambda d: d.about in d.fired),
        "labels": Share(
            sum(len(d.due & d.fired) for d in plain), sum(len(d.due) for d in plain)
        ),
        "false": share(quiet, lambda d: bool(d.fired - d.due)),
        "near-miss": share(
            (d for d in quiet if d.kind == "near-miss"), lambda d: bool(d.fired - d.due)
        ),
        "clean": share(
            (d for d in quiet if d.kind == "clean"), lambda d: bool(d.fired - d.due)
        ),
        "more": share(plain, lambda d: bool(d.fired - d.due)),
        "oblique": share(oblique, lambda d: d.about in d.fired),
    }


def show_triggers(half: str) -> None:
    """Per trigger: the drafts about it that it found, and those it looked at for nothing."""
    all_ = drafts(half)
    print(
        f"{f'{half} half, {len(all_)} drafts':<26}"
        f"{'plain':>16}{'oblique':>18}{'near-miss, clean: false':>26}"
    )
    for trigger in TABLE:
        name, shares = trigger.name, list[Share]()
        for kind in ("plain", "oblique"):
            shares.append(
                share(
                    (d for d in all_ if d.kind == kind and d.about == name),
                    lambda d: d.about in d.fired,
                )
            )
        quiet = [d for d in all_ if d.kind in {"near-miss", "clean"}]
        wrong = sum(name in d.fired - d.due for d in quiet)
        print(f"{name:<26}{shares[0]!s:>16}{shares[1]!s:>18}{wrong:>26}")


def show_time() -> None:
    """How long a draft of 4 KB takes, and the slowest megabyte of junk."""
    text = "\n".join(
        draft.text for half in ("tune", "report") for draft in drafts(half)
    )
    taken = list[float]()
    for _ in range(9):
        for at in range(0, len(text) - 4096, 4096):
            before = time.process_time()
            triggers.fired_triggers(
                text[at : at + 4096], TABLE, author="cto", public=True
            )
            taken.append((time.process_time() - before) * 1000)
    worst = 0.0
    for junk in JUNK:
        before = time.process_time()
        triggers.fired_triggers(
            junk * (1_000_000 // len(junk)), TABLE, author="cto", public=True
        )
        worst = max(worst, time.process_time() - before)
    print(
        f"{'a draft of 4,096 characters, CPU':<44} {statistics.median(taken):8.2f} ms"
    )
    print(f"{'the slowest million characters of junk, CPU':<44} {worst:8.2f} s")


async def classified(model: str, api_base: str) -> dict[Draft, frozenset[str]]:
    """What the words and then the light-tier model say of every draft of the report half."""
    from agentco.adapters.models.clients import ModelClients
    from agentco.company import model_offers, settings
    from agentco.company.records import Tier
    from agentco.runs import actions, child_runs, tool_calls
    from agentco.runs.model_messages import ModelRequest

    provider = (
        settings.Provider(kind="openai", api_base=api_base)
        if api_base
        else settings.Provider()
    )
    said = settings.Settings(providers={model.partition("/")[0]: provider})
    (offer,) = model_offers.offers_for_tier(said, {}, tier=Tier.LIGHT, pin=model)
    models, found = ModelClients(ROOT, os.environ), dict[Draft, frozenset[str]]()
    for draft in drafts("report"):
        looks = [
            one
            for one in TABLE
            if triggers.watches_author(one, draft.author, public=draft.public)
        ]
        left = [one for one in looks if one.name not in draft.fired]
        asked = child_runs.classify_prompt(
            draft.text, triggers.format_triggers(left, draft.author)
        )
        request = ModelRequest(
            messages=asked.given,
            tools=(tool_calls.tool_spec("Consult"),),
            max_tokens=500,
        )
        answer = await models.ask(offer, request, lambda _: None)
        read = [tool_calls.read_call(call, ("Consult",)) for call in answer.calls]
        named = {
            name
            for one in read
            if isinstance(one, actions.Consult)
            for name in one.triggers
        }
        found[draft] = draft.fired | (named & {one.name for one in left})
    await models.aclose()
    return found


def show_classified(model: str, api_base: str) -> None:
    found = asyncio.run(classified(model, api_base))
    for kind in ("plain", "oblique"):
        of = [draft for draft in found if draft.kind == kind]
        print(
            f"{f'{kind} drafts, with {model}':<44}{share(of, lambda d: d.about in found[d])}"
        )
    quiet = [draft for draft in found if draft.kind in {"near-miss", "clean"}]
    print(
        f"{f'near-miss and clean, with {model}':<44}"
        f"{share(quiet, lambda draft: bool(found[draft] - draft.due))}"
    )


def show() -> bool:
    """Everything by words; whether both bars hold."""
    found, tuned = measured("report"), measured("tune")
    show_triggers("tune")
    show_triggers("report")
    print(
        f"{'plain drafts found by their trigger':<44}{found['plain']}, at least {FOUND:.0%}"
    )
    print(
        f"{'near-miss and clean with a false review':<44}{found['false']}, at most {FALSE:.0%}"
    )
    print(f"{'near-miss alone':<44}{found['near-miss']}")
    print(f"{'clean alone':<44}{found['clean']}")
    print(f"{'all labels of plain drafts':<44}{found['labels']}")
    print(f"{'plain drafts with a review nobody labelled':<44}{found['more']}")
    print(f"{'oblique drafts, by words alone':<44}{found['oblique']}")
    print(f"tune half: plain {tuned['plain']}, false {tuned['false']}")
    show_time()
    return holds(found)


def holds(found: dict[str, Share]) -> bool:
    plain, false = found["plain"], found["false"]
    return plain.n >= FOUND * plain.of and false.n <= FALSE * false.of


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--json", action="store_true", help="only the numbers of the report half"
    )
    parser.add_argument(
        "--classifier",
        metavar="PROVIDER/MODEL",
        help="measure a light-tier model beside the words",
    )
    parser.add_argument(
        "--api-base",
        default="",
        metavar="URL",
        help="where an OpenAI-compatible provider answers",
    )
    given = parser.parse_args()
    if given.json:
        print(
            json.dumps(
                {name: (one.n, one.of) for name, one in measured("report").items()}
            )
        )
        return 0
    kept = show()
    if given.classifier:
        show_classified(given.classifier, given.api_base)
    else:
        print("with the classifier: not measured (no model named)")
    print("every bar holds" if kept else "a bar does not hold")
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
