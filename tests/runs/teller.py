"""A model that tells the same story to everybody: a server of its own process, whose bill no kill can change.

`python tests/runs/teller.py` prints its address and answers until it is killed. Each telling asks a model of its
own name, so that many can be told at once.
"""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

sys.path.insert(0, str(Path(__file__).parents[1]))

from wire.server import Asked, Call, Say, Script, Server

FACT = "Lumen costs nine euros"
TASK = "Write the pricing page"
DRAFT = "# The pricing page\n"
BLOCKED = "The plan stands: the page is written, and Lumen costs nine euros, for ever."
DELIVERABLE = "The plan stands: the page is written, and Lumen costs nine euros."
HANDLE = re.compile(r"(?:stored as|Handle:) ([\w.]+)")
CALLS = 13
"""How often the story asks a model: six times itself, twice for each of two readers, once for each of three reviews.

Two of these are side by side, of the first draft; the third is of the second draft, by who blocked the first.
"""


def call(name: str, **arguments: Any) -> Call:
    return Call(name=name, arguments=json.dumps(arguments))


WRITES = call(
    "Memory",
    operation="create_entities",
    entities=[{"name": "Lumen", "entityType": "note", "observations": [FACT]}],
)
STORY = [
    Say(
        text="First I write down what I know.",
        calls=[
            WRITES,
            call("Board", operation="add", title=TASK, owner="coo"),
            call("Edit", path="drafts/story.md", text=DRAFT),
        ],
    ),
    Say(
        calls=[
            call("Read", path="log.txt"),
            call("Search", words="note 399", files="*.txt"),
        ]
    ),
    Say(
        calls=[
            call("Gather", handle="HANDLE", question=q)
            for q in ("Did anything happen?", "Who was there?")
        ]
    ),
    Say(
        calls=[
            call("Board", operation="done", id="T2"),
            call(
                "Lesson",
                category="process",
                summary="Write it down",
                detail="It helps",
                action="Go on",
            ),
        ]
    ),
    Say(text=BLOCKED),
    Say(text=DELIVERABLE),
]
READER = [
    Say(calls=[call("Read", handle="HANDLE", lines=5)]),
    Say(text="Nothing happened, see line 1."),
]


def verdict(word: str, trigger: str = "money") -> list[Say]:
    """A reviewer that says so."""
    said = {
        "trigger": trigger,
        "verdict": word,
        "because": "for ever is long",
        "change": "leave it out",
    }
    return [Say(calls=[call("Verdict", verdicts=[said])])]


class StoryServer(Server):
    """Tells the same story to every model; a handle is the one that it was told."""

    def _asked(self, say: Say, body: dict[str, Any], *, anthropic: bool) -> Asked:
        handles = HANDLE.findall(json.dumps(body["messages"])) or ["?"]
        calls = [
            Call(name=c.name, arguments=c.arguments.replace("HANDLE", handles[-1]))
            for c in say.calls
        ]
        told = msgspec.structs.replace(say, calls=calls)
        return super()._asked(told, body, anthropic=anthropic)


@contextmanager
def telling() -> Generator[str]:
    """A server that tells the story, as a process of its own; its address."""
    with subprocess.Popen(
        [sys.executable, __file__], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().strip()
        finally:
            process.kill()


async def main() -> None:
    """Tell the story to whoever asks, until killed."""
    reader = "~You read one stored text for a colleague"
    reviews = {
        "~coo → cfo": verdict("BLOCKING"),
        "~coo → lawyer": verdict("APPROVED", "promises"),
        "~You have seen it before": verdict("APPROVED"),
    }
    server = StoryServer(
        Script(answers={"*": STORY, reader: READER} | reviews, by_turn=True)
    )
    listening = await server.serve()
    sys.stdout.write(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1\n")
    sys.stdout.flush()
    await listening.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
