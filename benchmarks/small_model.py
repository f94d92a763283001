"""A real model in the loop: a few pieces of work in a temporary company, and what came of them.

python benchmarks/small_model.py SERVER MODEL [--key VARIABLE] [--keep DIR]

SERVER is the address of any OpenAI-compatible server (https, or this machine). It says what the
model got wrong, which is no failure, and whether agentco stayed right, which the exit code tells.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from start import AGENTCO, ROOT

if TYPE_CHECKING:
    from agentco.ports.store import Transaction
    from agentco.runs.events import Answered

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
"""
Row = dict[str, Any]


def company(root: Path, server: str, model: str, key: str) -> None:
    """The sample company with that model in two tiers, trusted, and with a price to count by."""
    from agentco.adapters.files import trust_file
    from agentco.wiring import open_company

    subprocess.run(
        [*AGENTCO, "init", "--sample", str(root)],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
    )
    provider = {"kind": "openai", "api_base": server} | (
        {"api_key_env": key} if key else {}
    )
    with (root / ".github" / "agentco.yml").open("a") as file:
        file.write(
            SETTINGS.format(
                name=json.dumps(f"small/{model}"), provider=json.dumps(provider)
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


def mistakes(root: Path) -> Counter[str]:
    """What the model got wrong, read off the state."""
    from agentco.adapters.state.open_state import open_state

    with open_state(root) as state:
        return state.read(lambda tx: Counter(told(tx))).result()


def told(state: "Transaction") -> Iterator[str]:
    """Every mistake, by its kind."""
    from agentco.runs import events, run as runs, steps

    for root in state.list_runs("", limit=-1):
        for run in state.runs_of_root(root.id):
            answers = [
                one.event
                for one in state.load_story(run.id)
                if isinstance(one.event, events.Answered)
            ]
            for answer in answers:
                yield from wrong_calls(answer, steps.callable_tools(run))
                if not answer.text.strip() and not answer.calls:
                    yield "an empty answer"
                if answer.stop not in {"end", "tools"}:
                    yield f"an answer that ended with '{answer.stop}'"
                if answer.usage is None:
                    yield "an answer without a count of its tokens (the server's)"
            verdicts = [
                c
                for answer in answers
                for c in answer.calls
                if c.name.casefold() == "verdict"
            ]
            if run.job is runs.RunJob.REVIEW and answers and not verdicts:
                yield "a review without a verdict"


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


def report(root: Path, server: str, model: str, key: str) -> int:
    """Do the work and say what came of it."""
    company(root, server, model, key)
    broken, answered = list[str](), 0
    print(f"{'task':<12} {'status':<15} {'calls':>5} {'cost':>10}  what came of it")
    for name, (who, what, *words) in TASKS.items():
        document, wrong = asked(root, who, what, *words)
        broken += [f"{name}: {one}" for one in wrong]
        answered += document.get("calls", 0)
        said = " ".join(
            str(
                document.get("text") or document.get("reason") or document.get("error")
            ).split()
        )
        cost = document.get("cost_usd", 0)
        print(
            f"{name:<12} {document.get('status', 'none'):<15} "
            f"{document.get('calls', 0):>5} {cost:>10.6f}  {said[:70]}"
        )
    print(f"\nwhat {model} got wrong, in {answered} calls:")
    for what, count in sorted(mistakes(root).items()) or [("nothing", 0)]:
        print(f"  {count or '':>4} {what}")
    broken += laws(root)
    if broken:
        print("\nagentco did not stay right:")
    else:
        print("\nagentco stayed right: ledger, reservations, reviews, audit")
    for what in broken:
        print(f"  {what}")
    if not answered:
        print(f"\n{model} answered nothing; is it there? agentco doctor --live")
    return 1 if broken else 0


def main() -> int:
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
        "--keep", default="", metavar="DIR", help="make the company here and leave it"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.environ.update(
            XDG_STATE_HOME=f"{given.keep or name}/state", PYTHONPATH=str(ROOT)
        )
        return report(
            Path(given.keep or name) / "company", given.server, given.model, given.key
        )


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    raise SystemExit(main())
