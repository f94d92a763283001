"""Makes calls through the real programs of plans to the test server on loopback; nobody needs an account.

Run as `python real_programs.py FOLDER`, with `tests` and `tests/plans` on the path. npm installs the programs into
FOLDER. They get a home of their own, so that no login of yours is used. Claude Code is pointed to the server by its
own variables, with a word in the place of a token; Copilot by copilot_on_wire.py.
"""

import asyncio
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

from asking_plans import REQUEST
from msgspec.structs import replace
from wire.server import Call, Say, WireServer

from agentco.adapters.models import ModelClients
from agentco.company import ModelOffer, WireFormat
from agentco.kernel import CallFailed

PACKAGES = ("@anthropic-ai/claude-code", "@github/copilot")
MODEL = "claude-sonnet-5"
PATIENCE_S = 120
ON_WIRE = Path(__file__).with_name("copilot_on_wire.py")
READ = Call(name="Read", arguments='{"path": "a.md"}')
MCP_READ = Call(name="mcp__agentco__Read", arguments='{"path": "a.md"}')
"""Claude Code puts the server's name before that of each tool."""


def say_line(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def install(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is missing: install Node.js, then make plans again")
    quiet = ("--no-audit", "--no-fund", "--loglevel", "error")
    command = [npm, "install", *quiet, "--prefix", str(folder), *PACKAGES]
    if subprocess.run(command, check=False).returncode:
        sys.exit(f"npm could not install {' and '.join(PACKAGES)}")


def programs(folder: Path, url: str) -> Iterator[tuple[WireFormat, Path, Call]]:
    """Each program, made to ask the server at `url`, and how the model calls a tool there."""
    real = folder / "node_modules" / ".bin"
    base = url.removesuffix("/v1")
    told = f'ANTHROPIC_BASE_URL="{base}" CLAUDE_CODE_OAUTH_TOKEN=none'
    on_wire = f'"{sys.executable}" "{ON_WIRE}" "{url}"'
    lines = {
        WireFormat.CLAUDE_CODE: f'export {told}\nexec "{real}/claude" "$@"',
        WireFormat.COPILOT: f'exec {on_wire} "{real}/copilot" "$@"',
    }
    for wire, line in lines.items():
        path = folder / wire
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)
        yield wire, path, MCP_READ if wire is WireFormat.CLAUDE_CODE else READ


async def try_program(
    wire: WireFormat, program: Path, call: Call, server: WireServer
) -> bool:
    """Ask for a text, then for a call of a tool; print a line for each."""
    root = program.parent / "company"
    root.mkdir(exist_ok=True)
    offer = ModelOffer(
        name=f"{wire}/{MODEL}",
        provider=wire,
        model=MODEL,
        wire=wire,
        program=str(program),
    )
    is_right = True
    for what, say in (("text", Say(text="Two.")), ("tool", Say(calls=[call]))):
        server.script({MODEL: [say]})
        before, begin = len(server.requests), monotonic()
        models = ModelClients(root, os.environ)
        try:
            async with asyncio.timeout(PATIENCE_S):
                state = await models.program_state(offer, start=True)
                request = replace(REQUEST, max_tokens=2000)
                answer = await models.ask(offer, request, lambda _text: None)
            said = answer.text or ", ".join(one.name for one in answer.calls)
        except (CallFailed, TimeoutError) as error:
            state, said = None, f"failed: {error}"
        finally:
            await models.aclose()
        requests = len(server.requests) - before
        wanted = "Two." if what == "text" else "Read"
        is_right &= (said, requests) == (wanted, 1)
        version = state.version if state else "?"
        took = monotonic() - begin
        say_line(
            f"{wire:<12} {version:<10} {what:<5} {requests:>8}  {took:6.1f} s  {said}"
        )
    return is_right


def main() -> None:
    folder = Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    install(folder)
    home = folder / "home"
    home.mkdir(exist_ok=True)
    os.environ["HOME"] = str(home)
    say_line(
        f"{'program':<12} {'version':<10} {'call':<5} requests  {'took':>8}  answer"
    )
    with WireServer() as server:
        results = [
            asyncio.run(try_program(*each, server))
            for each in programs(folder, server.url)
        ]
        # a program that was ended leaves its connection behind, of which asyncio would tell at length
        logging.disable()
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
