"""What was trusted is what is used: a command reads the company's files once."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from itertools import cycle
from multiprocessing import Pipe
from pathlib import Path

from claims import claim
from small_company import Place
from wire.server import Say, WireServer

from agentco.adapters.files import trust_folder
from agentco.cli.main import main
from agentco.wiring import open_company

SETTINGS = """models: {{medium: [w/m]}}
providers: {{w: {{kind: openai, api_base: "{url}"}}}}
prices: {{w/m: {{input: 1, output: 1}}}}
"""
TRIES = 15
pytestmark = claim("trust:one-read")


def trust(place: Place) -> None:
    reach = open_company(place.root).trust.status().reach
    trust_folder(place.root, reach, at="2026-11-21T09:00:00+00:00")


@contextmanager
def switching(path: Path, *texts: str) -> Generator[None]:
    """Put one text after another in place of a file, as a switch between branches does."""
    ended = threading.Event()
    draft = path.with_name("draft")

    def switch() -> None:
        for text in cycle(texts):
            draft.write_text(text)
            draft.replace(path)
            if ended.wait(0.001):
                return

    thread = threading.Thread(target=switch)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def test_a_switch_of_branches_sends_nothing_to_an_address_that_is_not_trusted(
    place: Place, wire: WireServer
) -> None:
    place.agent("writer")
    wire.script({"*": [Say(text="Hello.")]})
    ours = SETTINGS.format(url=wire.url)
    place.settings(ours)
    trust(place)
    with WireServer({"*": [Say(text="Mine now.")]}) as evil:
        theirs = SETTINGS.format(url=evil.url)
        with switching(place.root / ".github/agentco.yml", ours, theirs):
            command = ["--company", str(place.root), "ask", "writer", "hi", "--quick"]
            codes = {main(command) for _ in range(TRIES)}
        assert codes <= {0, 6}
        assert evil.bill.requests == 0
    place.settings(ours)
    assert main(command) == 0


def test_what_is_written_after_the_trust_was_looked_at_is_not_used(
    place: Place,
) -> None:
    place.agent("writer")
    place.settings(SETTINGS.format(url="http://127.0.0.1:1/v1"))
    trust(place)
    company = open_company(place.root)
    company.require_trust()
    place.settings(SETTINGS.format(url="http://127.0.0.1:2/v1"))
    place.agent("other")
    (place.root / ".github/agents/writer.agent.md").unlink()
    daemon, server = Pipe()
    daemon.send(company.files)
    forked = server.recv()
    for mine in (company, open_company(place.root, files=forked)):
        with mine.open_office(drives=False) as office:
            assert office.settings.providers["w"].api_base == "http://127.0.0.1:1/v1"
            assert [agent.id for agent in office.company.agents] == ["writer"]
        assert mine.trust.status().is_trusted
    assert not open_company(place.root).trust.status().is_trusted
