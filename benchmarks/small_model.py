"""A real model in the loop: a few pieces of work in a temporary company, and what came of them.

python benchmarks/small_model.py SERVER MODEL [--prompt full|brief|both] [--tasks NAMES]
    [--max-output TOKENS] [--key VARIABLE] [--keep DIR]

SERVER is the address of any OpenAI-compatible server (https, or this machine). The work is done
with the prompt of a hosted model and with the brief one of a model on the founder's own machine,
and what the model got wrong is told side by side. That is no failure; whether agentco stayed right
is what the exit code tells.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from start import AGENTCO, ROOT

if TYPE_CHECKING:
    from agentco.ports.store import Transaction
    from agentco.runs.events import Answered
    from agentco.runs.run import Run

PATIENCE_S = 1800
TASKS = {
    "tools": (
        "cfo",
        (
            "Which deadline is next? Look into the memory and the board, "
            "and answer with name and date."
        ),
    ),
    "review": (
        "marketing",
        "Write one line for the home page which says that Lumen is certified.",
        "--public",
    ),
    "delegation": (
        "coo",
        "Have the CFO list the open tasks of the board that are about money. Sum up the answer.",
    ),
    "quick": ("cto", "Say in one sentence what you are responsible for.", "--quick"),
}
SETTINGS = """
models: {{light: [{name}], medium: [{name}]}}
providers: {{small: {provider}}}
prices: {{{name}: {{input: 1, output: 2}}}}
model_options: {{{name}: {{prompt: {prompt}{longest}}}}}
limits: {{{name}: {{longest_call: "{patience}s"}}}}
"""
PROMPTS = ("full", "brief")
Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Server:
    """Where the model is, the variable that holds its key, and its longest answer in tokens."""

    address: str
    model: str
    key: str
    max_output: int = 0


@dataclass(kw_only=True)
class Outcome:
    """What came of the tasks with one prompt: counts by what went wrong, and what was done."""

    mistakes: Counter[str] = field(default_factory=Counter[str])
    done: Counter[str] = field(default_factory=Counter[str])
    broken: list[str] = field(default_factory=list[str])


def company(root: Path, server: Server, prompt: str) -> None:
    """The sample company with that model in two tiers, trusted, and with a price to count by."""
    from agentco.adapters.files import trust_file
    from agentco.wiring import open_company

    subprocess.run(
        [*AGENTCO, "init", "--sample", str(root)],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
    )
    provider = {"kind": "openai", "api_base": server.address} | (
        {"api_key_env": server.key} if server.key else {}
    )
    longest = f", max_output: {server.max_output}" if server.max_output else ""
    with (root / ".github" / "agentco.yml").open("a") as file:
        file.write(
            SETTINGS.format(
                name=json.dumps(f"small/{server.model}"),
                provider=json.dumps(provider),
                prompt=prompt,
                longest=longest,
                patience=PATIENCE_S,
            )
        )
    edges = open_company(root)
    standing = trust_file.trust_status(
        root.resolve(), edges.files.load(), edges.files.settings().require_valid()
    )
    trust_file.trust_folder(
        root.resolve(), standing.reach, at="2026-11-21T09:00:00+00:00"
    )


def asked(root: Path, who: str, what: str, *words: str) -> tuple[Row, list[str]]:
    """One piece of work as a command: its document, and how the command itself misbehaved."""
    command = [*AGENTCO, "--company", str(root), "ask", who, what, "--json", *words]
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        stdin=subprocess.DEVNULL,
    )
    wrong = ["a traceback"] if "Traceback" in done.stderr else []
    try:
        document = json.loads(done.stdout)
    except ValueError:
        return {}, [*wrong, f"no document (exit code {done.returncode})"]
    held = document.get("status") in {"blocked", "refused", "failed", "waiting"}
    return document, wrong + (
        ["a text beside what was held back"]
        if held and document["text"] is not None
        else []
    )


def count_answers(root: Path, outcome: Outcome) -> None:
    """What the model got wrong and what it got done, read off the state."""
    from agentco.adapters.state.open_state import open_state

    with open_state(root) as state:
        outcome.mistakes = state.read(lambda tx: Counter(told(tx))).result()
        outcome.done = state.read(lambda tx: Counter(achieved(tx))).result()


def answers_by_run(state: "Transaction") -> Iterator[tuple["Run", list["Answered"]]]:
    """Every run with what the model answered in it."""
    from agentco.runs import events

    for root in state.list_runs("", limit=-1):
        for run in state.runs_of_root(root.id):
            story = state.load_story(run.id)
            yield (
                run,
                [one.event for one in story if isinstance(one.event, events.Answered)],
            )


def told(state: "Transaction") -> Iterator[str]:
    """Every mistake, by its kind."""
    from agentco.runs import run as runs, steps

    for run, answers in answers_by_run(state):
        for answer in answers:
            yield from wrong_calls(answer, steps.callable_tools(run))
            if not answer.text.strip() and not answer.calls:
                yield "an empty answer"
            if answer.stop not in {"end", "tools"}:
                yield f"an answer that ended with '{answer.stop}'"
            if answer.usage is None:
                yield "an answer without a count of its tokens (the server's)"
        is_review = run.job is runs.RunJob.REVIEW
        if is_review and answers and not any(map(gave_verdict, answers)):
            yield "a review without a verdict"


def achieved(state: "Transaction") -> Iterator[str]:
    """Every call that can be read, every verdict, and every token that was read for them."""
    from agentco.runs import run as runs, steps

    for run, answers in answers_by_run(state):
        tools = steps.callable_tools(run)
        for answer in answers:
            wrong = len(list(wrong_calls(answer, tools)))
            yield from ["calls of tools that can be read"] * (len(answer.calls) - wrong)
            if answer.usage:
                yield from ["tokens read"] * answer.usage.input
        if run.job is runs.RunJob.REVIEW and any(map(gave_verdict, answers)):
            yield "reviews with a verdict"


def gave_verdict(answer: "Answered") -> bool:
    """Whether an answer calls for the verdict."""
    return any(call.name.casefold() == "verdict" for call in answer.calls)


def wrong_calls(answer: "Answered", granted: tuple[str, ...]) -> Iterator[str]:
    """The calls of an answer that cannot be read."""
    from agentco.runs import tool_calls

    for call in answer.calls:
        action = tool_calls.read_call(call, granted)
        if isinstance(action, tool_calls.MisreadCall):
            yield (
                "a call of an unknown tool"
                if action.problem.startswith("there is no")
                else "a malformed call"
            )


def laws(root: Path) -> Iterator[str]:
    """Where agentco itself went wrong; nothing is expected here, whatever the model did."""
    from agentco.adapters.state.open_state import open_state

    sums = {
        "the ledger and what is counted as spent differ": """
            SELECT (SELECT coalesce(sum(usd), 0) FROM ledger)
                <> (SELECT coalesce(sum(usd), 0) FROM spent WHERE scope LIKE 'month:%')
        """,
        "a reservation is left": """
            SELECT coalesce(sum(reserved), 0) <> 0 FROM effects WHERE state = 'sent'
        """,
        "a call was paid twice, or not at all": """
            SELECT count(*) FROM (
                SELECT effects.run, number FROM effects
                LEFT JOIN ledger ON ledger.run = effects.run AND effect = number
                WHERE json_extract(CAST(wanted AS TEXT), '$.type') = 'ask-model'
                    AND state = 'done' AND effects.model <> '' AND result IS NOT NULL
                GROUP BY 1, 2 HAVING sum(coalesce(calls, 0)) <> 1
            )
        """,
        "something is still to be done in what is over": """
            SELECT count(*) FROM effects JOIN runs ON id = run
            WHERE phase <> 'working' AND state IN ('todo', 'sent', 'started')
        """,
    }
    with open_state(root) as state:
        yield from (
            what
            for what, sql in sums.items()
            if state.read(lambda t, sql=sql: t.fetch_rows(sql)).result()[0][0]
        )
        roots = state.read(
            lambda t: t.fetch_rows("SELECT id FROM runs WHERE parent IS NULL")
        ).result()
        for run in (
            state.read(lambda tx, name=name: tx.load_run(name)).result()
            for (name,) in roots
        ):
            if run.phase == "done" and run.waivable_holds:
                yield f"{run.id} was delivered though held back by {', '.join(run.waivable_holds)}"
    audit = subprocess.run(
        [*AGENTCO, "--company", str(root), "audit", "verify"],
        check=False,
        capture_output=True,
    )
    if audit.returncode:
        yield "the audit does not verify"


def report(root: Path, server: Server, prompt: str, tasks: Sequence[str]) -> Outcome:
    """Do the work with one prompt, and say what came of it."""
    company(root, server, prompt)
    outcome, answered, began = Outcome(), 0, time.monotonic()
    print(f"with the {prompt} prompt:")
    print(f"{'task':<12} {'status':<15} {'calls':>5} {'cost':>10}  what came of it")
    for name in tasks:
        who, what, *words = TASKS[name]
        document, wrong = asked(root, who, what, *words)
        outcome.broken += [f"{name}: {one}" for one in wrong]
        answered += document.get("calls", 0)
        said = " ".join(
            str(
                document.get("text") or document.get("reason") or document.get("error")
            ).split()
        )
        cost = document.get("cost_usd", 0)
        print(
            f"{name:<12} {document.get('status', 'none'):<15} "
            f"{document.get('calls', 0):>5} {cost:>10.6f}  {said[:70]}",
            flush=True,
        )
    print()
    count_answers(root, outcome)
    outcome.done["answers"] = answered
    outcome.done["seconds"] = round(time.monotonic() - began)
    outcome.broken += laws(root)
    return outcome


def print_table(model: str, outcomes: dict[str, Outcome]) -> None:
    """What the model got done and what it got wrong, one column for each prompt."""
    print(f"what {model} did: {'':<35}" + "".join(f"{name:>9}" for name in outcomes))
    rows = {
        what: [one.done[what] for one in outcomes.values()]
        for what in (
            "answers",
            "calls of tools that can be read",
            "reviews with a verdict",
            "tokens read",
            "seconds",
        )
    }
    print_rows(rows)
    print(f"what {model} got wrong:")
    kinds = sorted({what for one in outcomes.values() for what in one.mistakes})
    rows = {
        what: [one.mistakes[what] for one in outcomes.values()]
        for what in kinds or ["nothing"]
    }
    print_rows(rows)


def print_rows(rows: dict[str, list[int]]) -> None:
    """Numbers in columns behind what they count."""
    for what, numbers in rows.items():
        print(f"  {what:<52}" + "".join(f"{number:>9,}" for number in numbers))


def print_verdict(model: str, outcomes: dict[str, Outcome]) -> int:
    """Say whether agentco stayed right; the exit code."""
    broken = [what for one in outcomes.values() for what in one.broken]
    if broken:
        print("\nagentco did not stay right:")
    else:
        print("\nagentco stayed right: ledger, reservations, reviews, audit")
    for what in broken:
        print(f"  {what}")
    if not any(one.done["answers"] for one in outcomes.values()):
        print(f"\n{model} answered nothing; is it there? agentco doctor --live")
    return 1 if broken else 0


def arguments() -> argparse.Namespace:
    """What was typed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("server", help="such as http://127.0.0.1:8080/v1")
    parser.add_argument("model")
    parser.add_argument(
        "--key",
        default="",
        metavar="VARIABLE",
        help="the variable that holds the key, if one is needed",
    )
    parser.add_argument(
        "--prompt",
        choices=(*PROMPTS, "both"),
        default="both",
        help="how much the model is told; both, one after the other, unless you say so",
    )
    parser.add_argument(
        "--tasks",
        default=",".join(TASKS),
        metavar="NAMES",
        help=f"some of {','.join(TASKS)}",
    )
    parser.add_argument(
        "--max-output",
        type=int,
        default=0,
        metavar="TOKENS",
        help="the longest answer, for a model that never ends by itself",
    )
    parser.add_argument(
        "--keep",
        default="",
        metavar="DIR",
        help="make the companies here, and leave them",
    )
    return parser.parse_args()


def main() -> int:
    given = arguments()
    tasks = given.tasks.split(",")
    unknown = [name for name in tasks if name not in TASKS]
    if unknown:
        print(f"there is no task {unknown[0]!r}; there are {', '.join(TASKS)}")
        return 2
    server = Server(
        address=given.server,
        model=given.model,
        key=given.key,
        max_output=given.max_output,
    )
    prompts = PROMPTS if given.prompt == "both" else (given.prompt,)
    with tempfile.TemporaryDirectory() as name:
        place = Path(given.keep or name)
        os.environ.update(XDG_STATE_HOME=str(place / "state"), PYTHONPATH=str(ROOT))
        outcomes = {
            prompt: report(place / prompt, server, prompt, tasks) for prompt in prompts
        }
    print_table(given.model, outcomes)
    return print_verdict(given.model, outcomes)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    raise SystemExit(main())
