"""How many drafts find their reviewers, and how many get a wrong one.

Counted are drafts that the classifier was not trained on; the others are shown beside them, and
flatter. `benchmarks/triggers/README.md` tells what each file holds and how it is counted.

python benchmarks/triggers.py [FILE…] [--json] [--all] [--classifier PROVIDER/MODEL]
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks" / "triggers")]

import labelled  # noqa: E402  the checkout is measured, not what is installed
from labelled import Labelled  # noqa: E402
from scoring import Result, Share, figures, format_figures  # noqa: E402

from agentco.review import triggers  # noqa: E402

TABLE = triggers.merge_triggers(())
AT_LEAST = {"short plain": 0.93, "long found": 0.82}
AT_MOST = {
    "short quiet": 0.12,
    "long cut out": 0.15,
    "long quiet": 0.30,
    "called to due": 1.20,
}
MAX_MS, MAX_KB = 5.0, 300
DATA_FILE = ROOT / "agentco" / "judging" / "judge.json"
JUNK = ("a", "1% ", "€", "€1 ", "1.", "1 may ", "é\n", "**a", "&#", "price ", "word. ")


def fired(text: str, draft: Labelled) -> frozenset[str]:
    """The departments that a text calls, `how` for either of two."""
    found = triggers.fired_triggers(
        text, TABLE, author=draft.author, public=draft.public
    )
    return frozenset(labelled.OF_TRIGGER[one.trigger] for one in found)


def measure(draft: Labelled) -> Result:
    """What a draft calls, and what its decisive words and the rest of it call."""
    cut: dict[str, frozenset[str]] = {}
    alone: dict[str, frozenset[str]] = {}
    for department, passages in draft.at.items():
        rest = draft.text
        for words in passages:
            rest = rest.replace(words, "")
        cut[department] = fired(rest, draft)
        alone[department] = fired("\n\n".join(passages), draft)
    return Result(draft=draft, fired=fired(draft.text, draft), cut=cut, alone=alone)


def show_split(results: Sequence[Result]) -> None:
    """The figures by language, then hits and false calls by department."""
    for language in ("en", "pt"):
        print(f"-- {language}")
        print(format_figures(figures([r for r in results if r.draft.lang == language])))
    print(f"{'department':<14}{'due':>16}{'false':>8}")
    for department in labelled.DEPARTMENTS:
        due = [one for one in results if department in one.draft.due]
        hits = sum(department in one.fired for one in due)
        wrong = sum(
            department in one.fired - one.draft.due - one.draft.may - one.draft.is_own
            for one in results
        )
        print(f"{department:<14}{Share(hits, len(due))!s:>16}{wrong:>8}")


def show_time(drafts: Sequence[Labelled]) -> float:
    """Milliseconds of a draft of some 300 words, and the slowest megabyte of junk."""
    long = [draft for draft in drafts if 250 <= len(draft.text.split()) <= 350]
    taken: list[float] = []
    for draft in long:
        before = time.process_time()
        fired(draft.text, draft)
        taken.append((time.process_time() - before) * 1000)
    worst = 0.0
    for junk in JUNK:
        before = time.process_time()
        triggers.fired_triggers(
            junk * (1_000_000 // len(junk)), TABLE, author="cto", public=True
        )
        worst = max(worst, time.process_time() - before)
    middle = statistics.median(taken)
    size = DATA_FILE.stat().st_size / 1024
    print(f"a draft of 300 words, CPU                    {middle:8.2f} ms")
    print(f"the slowest million characters of junk, CPU  {worst:8.2f} s")
    print(f"the classifier's data file                   {size:8.0f} KB")
    return middle


async def classified(
    drafts: Sequence[Labelled], model: str, api_base: str
) -> list[Result]:
    """The same with a light-tier model, which is shown what was nearly called."""
    from agentco.adapters.models.clients import ModelClients
    from agentco.briefing import child_briefs
    from agentco.company import model_offers, settings
    from agentco.company.records import Tier
    from agentco.runs import actions, tool_calls
    from agentco.runs.model_messages import ModelRequest

    name = model.partition("/")[0]
    provider = settings.Provider()
    if api_base:
        provider = settings.Provider(kind="openai", api_base=api_base)
    said = settings.Settings(providers={name: provider})
    (offer,) = model_offers.offers_for_tier(said, {}, tier=Tier.LIGHT, pin=model)
    models = ModelClients(ROOT, os.environ)
    found: list[Result] = []
    for draft in drafts:
        sure = triggers.fired_triggers(
            draft.text, TABLE, author=draft.author, public=draft.public
        )
        looking = triggers.triggers_for(said, draft.author, public=draft.public)
        near = triggers.nearly_fired(draft.text, looking, sure, public=draft.public)
        names = {one.trigger for one in near}
        called = fired(draft.text, draft)
        if names:
            listed = [one for one in looking if one.name in names]
            asked = child_briefs.classify_prompt(
                draft.text, triggers.format_triggers(listed, draft.author)
            )
            request = ModelRequest(
                messages=asked.given,
                tools=(tool_calls.tool_spec("Consult"),),
                max_tokens=500,
            )
            answer = await models.ask(offer, request, lambda _: None)
            for call in answer.calls:
                read = tool_calls.read_call(call, ("Consult",))
                if isinstance(read, actions.Consult):
                    more = names & set(read.triggers)
                    called |= {labelled.OF_TRIGGER[one] for one in more}
        found.append(Result(draft=draft, fired=called))
    await models.aclose()
    return found


def broken_bars(found: dict[str, Share]) -> list[str]:
    """The bars that do not hold."""
    broken = [name for name, bar in AT_LEAST.items() if found[name].share < bar]
    return broken + [name for name, bar in AT_MOST.items() if found[name].share > bar]


def show(drafts: Sequence[Labelled], *, every: bool) -> bool:
    """Everything; whether all bars hold on the counted drafts."""
    counted = [measure(draft) for draft in drafts if draft.counted]
    found = figures(counted)
    print(f"{len(counted)} counted drafts")
    print(format_figures(found))
    show_split(counted)
    if every:
        rest = [draft for draft in drafts if not draft.counted]
        trained = [measure(draft) for draft in rest if draft.source != "sentence"]
        print(f"-- {len(trained)} drafts that were trained on")
        print(format_figures(figures(trained)))
    middle = show_time(drafts)
    broken = broken_bars(found)
    if middle > MAX_MS:
        broken.append("time")
    if DATA_FILE.stat().st_size > MAX_KB * 1024:
        broken.append("size")
    if broken:
        print(f"bars that do not hold: {', '.join(broken)}")
    else:
        print("every bar holds")
    return not broken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "files", nargs="*", type=Path, help="long drafts to count instead of ours"
    )
    parser.add_argument("--json", action="store_true", help="only the figures")
    parser.add_argument("--all", action="store_true", help="also what was trained on")
    parser.add_argument("--classifier", metavar="PROVIDER/MODEL")
    parser.add_argument("--api-base", default="", metavar="URL")
    given = parser.parse_args()
    if given.files:
        drafts = [one for file in given.files for one in labelled.load_counted(file)]
    else:
        drafts = labelled.load_labelled()
    if given.json:
        found = figures([measure(draft) for draft in drafts if draft.counted])
        print(json.dumps({name: (one.n, one.of) for name, one in found.items()}))
        return 0
    kept = show(drafts, every=given.all)
    if given.classifier:
        counted = [draft for draft in drafts if draft.counted]
        seen = asyncio.run(classified(counted, given.classifier, given.api_base))
        print(f"-- with {given.classifier}")
        print(format_figures(figures(seen)))
    else:
        print("with the classifier: not measured (no model named)")
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
