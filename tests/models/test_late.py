"""What is loaded when, in processes of their own: LiteLLM by a call that needs it, and nobody is reached meanwhile."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from claims import claim
from small_company import SETTINGS, Place
from wire.server import Say, WireServer

import agentco

pytestmark = claim("lite:late")
ROOT = Path(agentco.__file__).parents[1]
# Every connection and every question for an address is told on stderr; what goes where says the test.
WATCHED = """
import sys
reached = []
def watch(event, args):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}:
        reached.append(args[1] if event == "socket.connect" else args[:2])
sys.addaudithook(watch)
"""


def process(script: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WATCHED + script]
    whole = {**os.environ, "PYTHONPATH": str(ROOT), **env}
    return subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=300, env=whole
    )


@pytest.fixture
def shop(place: Place, wire: WireServer) -> Place:
    place.agent("cfo")
    place.settings(
        f"{SETTINGS}models: {{medium: [openrouter/m], light: [workshop/m]}}\nprices: {{openrouter/m: {{input: 1, output: 2}}}}\n"
        f"providers: {{openrouter: {{api_base: '{wire.url}'}}, workshop: {{kind: openai, api_base: '{wire.url}'}}}}\n"
    )
    place.trust()
    wire.script({"*": [Say(text="The VAT return.")]})
    return place


def test_no_import_reaches_the_network_not_even_litellms(
    shop: Place, wire: WireServer
) -> None:
    done = process(
        f"""
import pkgutil, importlib
import agentco
for module in pkgutil.walk_packages(agentco.__path__, "agentco."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
assert "litellm" not in sys.modules, "a module loads it"
from agentco.adapters.models.litellm_client import load_litellm
load_litellm()
assert reached == [], reached
from agentco.cli.main import main
code = main(["--company", {str(shop.root)!r}, "ask", "cfo", "What is due?", "--quick"])
ports = {{address[1] for address in reached if isinstance(address, tuple)}}
sys.stderr.write(f"ports {{ports}}")
sys.exit(code)
"""
    )
    assert (done.returncode, done.stdout) == (0, "The VAT return.\n"), done.stderr
    assert done.stderr.count("loading LiteLLM …\n") == 1
    assert done.stderr.endswith(f"ports {{{wire.url.split(':')[2].split('/')[0]}}}")
    assert wire.bill.requests == 1


NO_LITELLM = (
    ["doctor"],
    ["show", "models"],
    ["standup"],
    ["ask", "cfo", "due?", "--tier", "light", "--quick"],
)


def test_what_needs_no_litellm_does_not_load_it(shop: Place) -> None:
    done = process(
        f"""
from agentco.cli.main import main
for words in {NO_LITELLM!r}:
    main(["--company", {str(shop.root)!r}, *words])
    assert not {{"litellm", "openai"}} & sys.modules.keys(), words
"""
    )
    assert done.returncode == 0, done.stderr
