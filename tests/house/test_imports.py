"""What a command loads is what it costs to start."""

import subprocess
import sys
from pathlib import Path

import pytest
from claims import claim

import agentco

ROOT = Path(__file__).parents[2]

pytestmark = claim("house:imports")

HEAVY = {
    "pypdf", "openpyxl", "html_to_markdown", "yaml", "frontmatter", "dateutil", "holidays", "cronsim", "filelock", "asyncio", "rich.console",
    "rich.table", "sqlite3", "httpx", "httpx2", "anthropic", "litellm", "mcp", "apscheduler", "pydantic",
}  # fmt: skip
WORLD = {
    "typer", "rich", "socket", "subprocess", "sqlite3", "asyncio", "logging", "threading", "filelock", "httpx2", "anyio",
}  # fmt: skip


def loaded_by(code: str) -> set[str]:
    script = f"{code}\nimport sys; sys.stderr.write('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "args", [["--help"], ["memory", "--help"], ["board", "--help"], ["--version"]]
)
def test_help_loads_nothing_heavy(args: list[str]) -> None:
    assert (
        loaded_by(f"from agentco.cli.main import main; main({args!r})") & HEAVY == set()
    )


@pytest.mark.parametrize(
    "package",
    [
        "company",
        "file_formats",
        "memory",
        "board",
        "review",
        "public_text",
        "figures",
        "page",
        "rules",
        "permissions",
        "briefing",
        "supervision",
        "runs",
        "day",
        "kernel",
        "improvement",
    ],
)
def test_the_domain_loads_nothing_of_the_world(package: str) -> None:
    folder = Path(agentco.__file__).parent / package
    modules = [
        f"agentco.{package}",
        *(f"agentco.{package}.{p.stem}" for p in folder.glob("[a-z]*.py")),
    ]
    assert loaded_by(f"import {', '.join(modules)}") & WORLD == set()


def test_a_client_of_models_is_loaded_by_the_first_call_only() -> None:
    made = "from agentco.adapters.models.clients import ModelClients; from pathlib import Path; ModelClients(Path(), {})"
    assert loaded_by(made) & {"httpx2", "asyncio", "ssl"} == set()


NO_NETWORK = """
import importlib, pkgutil, sys
def deny(event, args):
    if event.startswith("socket.") and event not in {"socket.__new__", "socket.gethostname"}:
        raise SystemExit(f"{event}{args}")
sys.addaudithook(deny)
import agentco
names = [m.name for m in pkgutil.walk_packages(agentco.__path__, "agentco.") if not m.name.endswith("__main__")]
for name in [*names, *sys.argv[1:]]:
    importlib.import_module(name)
print(len(names))
"""


@claim("claude:start")
def test_no_import_asks_the_network() -> None:
    args = [
        sys.executable,
        "-c",
        NO_NETWORK,
        "anthropic",
        "anthropic.resources.messages",
        "anthropic.types",
    ]
    done = subprocess.run(
        args, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) > 100
    denied = [
        sys.executable,
        "-c",
        f"{NO_NETWORK}\nimport socket\nsocket.create_connection(('127.0.0.1', 9))",
    ]
    assert (
        "socket."
        in subprocess.run(
            denied, capture_output=True, text=True, timeout=120, check=False
        ).stderr
    )


@claim("claude:start")
def test_the_sdk_of_anthropic_is_loaded_by_the_first_call_only() -> None:
    made = "from agentco.adapters.models.clients import ModelClients; from pathlib import Path; m = ModelClients(Path(), {'K': 'k'})\n"
    offer = "from agentco.company.model_offers import ModelOffer, WireFormat; o = ModelOffer(name='a/b', provider='a', model='b', wire=WireFormat."
    asked = f"{made}{offer}ANTHROPIC, api_base='http://127.0.0.1:9', api_key_env='K'); assert m.missing(o) is None"
    assert loaded_by(asked) & {"anthropic", "httpx2", "pydantic", "litellm"} == set()
