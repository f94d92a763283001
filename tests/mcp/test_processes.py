"""Real servers: the official client, many at once, kills, signals, closed pipes."""

import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import anyio
import pytest
from claims import claim
from clients import LIMIT_S, OURS, URI, Client, call, entity, hello, request, tie
from mcp import ClientSession
from mcp.client.client import Client as Sdk
from mcp.client.stdio import StdioServerParameters, stdio_client
from processes import side_by_side
from small_company import Place
from typer.testing import CliRunner

from agentco.adapters.files import MemoryFile
from agentco.cli import app

KILLS, MANY = 20, 500


def server_of(file: Path) -> StdioServerParameters:
    return StdioServerParameters(
        command=OURS[0],
        args=[*OURS[1:]],
        env={**os.environ, "MEMORY_FILE_PATH": str(file)},
    )


@claim("mcp:sdk")
@pytest.mark.filterwarnings(
    "ignore:resources/subscribe is removed"
)  # the versions that have it still do
def test_the_official_client_lists_calls_reads_and_hears_updates(
    tmp_path: Path,
) -> None:
    heard: list[Any] = []

    async def listen(message: Any) -> None:
        heard.append(message)

    async def talk() -> None:
        with anyio.fail_after(LIMIT_S):
            async with (
                stdio_client(server_of(tmp_path / "m.jsonl")) as (reading, writing),
                ClientSession(reading, writing, message_handler=listen) as session,
            ):
                assert (await session.initialize()).server_info.name == "agentco-memory"
                assert len((await session.list_tools()).tools) == 9
                await session.subscribe_resource(URI)  # pyright: ignore[reportDeprecated]
                result = await session.call_tool(
                    "create_entities", {"entities": [entity("Zoë", "é\n😀")]}
                )
                assert result.structured_content == {
                    "entities": [entity("Zoë", "é\n😀")]
                }
                wrong = await session.call_tool("open_nodes", {"names": 1})
                assert wrong.is_error
                (content,) = (await session.read_resource(URI)).contents
                assert "Zoë" in str(content)
                await session.send_ping()

    anyio.run(talk)
    assert any("updated" in str(message) for message in heard)


@claim("mcp:sdk")
def test_the_official_client_finds_the_version_by_itself(tmp_path: Path) -> None:
    async def talk() -> dict[str, Any] | None:
        with anyio.fail_after(LIMIT_S):
            async with Sdk(stdio_client(server_of(tmp_path / "m.jsonl"))) as client:
                return (await client.call_tool("read_graph", {})).structured_content

    assert anyio.run(talk) == {"entities": [], "relations": []}


@claim("mcp:together")
def test_eight_servers_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "m.jsonl"
    clients = [Client(OURS, file) for _ in range(8)]
    for who, client in enumerate(clients):
        client.send(
            *[
                call(i, "create_entities", entities=[entity(f"{who}-{i}", f"fact {i}")])
                for i in range(50)
            ]
        )
    for client in clients:
        with client:
            assert not any(
                "isError" in answer["result"] for answer in client.answers(50).values()
            )
    graph = MemoryFile(file).load_graph()
    assert {*graph.entity_names} == {
        f"{who}-{i}" for who in range(8) for i in range(50)
    }
    assert graph.rejected == []


def worked_by_hand(file: Path, who: int, times: int) -> None:
    """What a founder does at a terminal, in a child of ours."""
    run = CliRunner().invoke
    os.environ["AGENTCO_COMPANY"] = str(file.parent.parent)
    for i in range(times):
        words = {
            3: ["repair", "--compact"],
            4: ["delete", f"{who}", "--observation", f"{i - 2}", "--yes"],
            5: ["relate", f"{who}", f"at {i}", f"{who}"],
        }.get(i % 6, ["add", f"{who}", f"{i}", *(["--type", "note"] if not i else [])])
        result = run(app, ["memory", *words])
        assert result.exit_code == 0, (words, result.output)


def worked_by_a_client(file: Path, who: int, times: int) -> None:
    with Client(OURS, file) as client:
        for i in range(times):
            said = [{"entityName": f"{who}", "contents": [f"{i}"]}]
            gone = [{"entityName": f"{who}", "observations": [f"{i - 2}"]}]
            tool, arguments = {
                3: ("search_nodes", {"query": f"{who}"}),
                4: ("delete_observations", {"deletions": gone}),
                5: (
                    "create_relations",
                    {"relations": [tie(f"{who}", f"at {i}", f"{who}")]},
                ),
            }.get(i % 6, ("add_observations", {"observations": said}))
            if not i:
                tool, arguments = (
                    "create_entities",
                    {"entities": [entity(f"{who}", "0")]},
                )
            assert "isError" not in client.use(tool, **arguments), tool


@claim("mcp:together")
@pytest.mark.parametrize("times", [24, pytest.param(500, marks=pytest.mark.soak)])
def test_eight_who_add_tie_and_delete_at_once_find_all_that_was_acknowledged(
    tmp_path: Path, times: int
) -> None:
    file = Place(tmp_path).memory_file
    work = (worked_by_a_client, worked_by_hand)
    acts = [partial(work[who % 2], file, who, times) for who in range(8)]
    assert side_by_side(acts) == [0] * 8
    graph = MemoryFile(file).load_graph()
    said = {str(i) for i in range(times) if i % 6 < 3} - {
        str(i - 2) for i in range(times) if i % 6 == 4
    }
    for who in map(str, range(8)):
        known = graph.find_entity(who)
        assert known
        assert {o.text for o in known.observations} == said
        assert {o.by for o in known.observations} == (
            {"founder"} if int(who) % 2 else {"mcp:client"}
        )
    ties = {
        (str(who), f"at {i}", str(who)) for who in range(8) for i in range(5, times, 6)
    }
    assert {*graph.relation_keys} == ties
    assert graph.rejected == []


@claim("mcp:together")
def test_four_hundred_requests_at_once_are_all_answered(tmp_path: Path) -> None:
    with Client(OURS, tmp_path / "m.jsonl") as client:
        tools: dict[int, tuple[str, dict[str, Any]]] = {
            0: ("create_entities", {}),
            1: ("read_graph", {}),
            2: ("search_nodes", {"query": "fact"}),
        }
        some = [tools[i % 3] for i in range(400)]
        made = {
            i: {"entities": [entity(f"e{i}", "fact " * 50)]} for i in range(0, 400, 3)
        }
        client.send(
            *[call(i, tool, **made.get(i, more)) for i, (tool, more) in enumerate(some)]
        )
        answers = client.answers(400)
    assert not any("isError" in answer["result"] for answer in answers.values())
    assert len({*MemoryFile(tmp_path / "m.jsonl").load_graph().entity_names}) == 134


@claim("mcp:kills")
@pytest.mark.parametrize("kills", [KILLS, pytest.param(MANY, marks=pytest.mark.soak)])
def test_no_kill_loses_an_acknowledged_write(tmp_path: Path, kills: int) -> None:
    seed = int.from_bytes(os.urandom(4))
    print(f"mcp: {kills} kills, seed {seed}")  # noqa: T201  shown when the test fails, and by the soak
    dice, file, told = Random(seed), tmp_path / "m.jsonl", set[str]()  # noqa: S311  no secret
    for kill in range(kills):
        with Client(OURS, file) as client:
            names = [f"{kill}-{i}" for i in range(60)]
            client.ask(request("ready", "ping"))
            client.send(
                *[
                    call(name, "create_entities", entities=[entity(name)])
                    for name in names[:30]
                ]
            )
            gone = [{"entityName": "x", "observations": ["y"]}]
            client.send(call("del", "delete_observations", deletions=gone))
            client.send(
                *[
                    call(name, "create_entities", entities=[entity(name)])
                    for name in names[30:]
                ]
            )
            told |= client.answers(dice.randrange(1, 60)).keys() - {"del"}
            client.process.send_signal(signal.SIGKILL)
            told |= {said["id"] for said in client.lines()} - {"del"}
        there = {*MemoryFile(file).load_graph().entity_names}
        assert told <= there
    assert {path.name for path in tmp_path.iterdir()} <= {
        "m.jsonl",
        ".agentco",
        "rejected.jsonl",
        "trash.jsonl",
        ".m.jsonl.tmp",
    }


@claim("mcp:protocol")
def test_the_end_of_input_ends_it_after_the_last_answer(tmp_path: Path) -> None:
    lines = [
        hello(),
        call(1, "create_entities", entities=[entity("A", "x" * 300_000)]),
        call(2, "read_graph"),
    ]
    told = "".join(json.dumps(line) + "\n" for line in lines)
    env = {**os.environ, "MEMORY_FILE_PATH": str(tmp_path / "m.jsonl")}
    done = subprocess.run(
        OURS,
        input=told.encode(),
        capture_output=True,
        env=env,
        timeout=LIMIT_S,
        check=True,
    )
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [
        "hello",
        1,
        2,
    ]
    assert done.stderr == b""


@claim("mcp:protocol")
@pytest.mark.parametrize(
    ("stop", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)]
)
def test_signals_end_it_without_a_word(
    tmp_path: Path, stop: signal.Signals, code: int
) -> None:
    with Client(OURS, tmp_path / "m.jsonl") as client:
        client.ask(request(1, "ping"))
        client.process.send_signal(stop)
        assert client.process.wait(LIMIT_S) == code
        assert client.process.stderr
        assert client.process.stderr.read() == b""


@claim("mcp:protocol")
def test_a_reader_that_is_gone_ends_it(tmp_path: Path) -> None:
    with Client(OURS, tmp_path / "m.jsonl") as client:
        client.ask(request(1, "ping"))
        assert client.process.stdout
        client.process.stdout.close()
        client.send(request(2, "ping"))
        assert client.process.wait(LIMIT_S) == 141


@claim("mcp:protocol")
def test_a_slow_reader_holds_up_no_request(tmp_path: Path) -> None:
    with Client(OURS, tmp_path / "m.jsonl") as client:
        client.use("create_entities", entities=[entity("A", "x" * 100_000)])
        client.send(*[call(i, "read_graph") for i in range(300)], *[b" " * 60_000] * 20)
        client.send(call("last", "create_entities", entities=[entity("B")]))
        assert client.answers(301).keys() == {*range(300), "last"}


@claim("mcp:errors")
@pytest.mark.parametrize("more", [(), ("--as", "x"), ("--trusted",)])
def test_without_a_memory_it_ends_in_two_lines(
    tmp_path: Path, more: tuple[str, ...]
) -> None:
    with Client(OURS, None, *more, cwd=tmp_path) as client:
        code, errors = client.end()
    assert code == 3
    assert [line.split(":")[0] for line in errors.splitlines()] == ["error", "hint"]


@claim("mcp:errors")
def test_a_company_that_was_not_adopted_is_not_written_in(tmp_path: Path) -> None:
    (tmp_path / ".github" / "agents").mkdir(parents=True)
    with Client(OURS, None, cwd=tmp_path) as client:
        assert client.end()[0] == 3
    (tmp_path / ".github" / "agentco.yml").write_text("")
    with Client(OURS, None, cwd=tmp_path) as client:
        client.use("create_entities", entities=[entity("A")])
    assert (tmp_path / "memory" / "memory.jsonl").exists()


@claim("mcp:errors")
def test_wrong_usage_is_told_by_the_command(tmp_path: Path) -> None:
    with Client(OURS, tmp_path / "m.jsonl", "--as") as client:
        assert client.end()[0] == 2
    with Client(OURS, tmp_path / "m.jsonl", "--help") as client:
        assert client.end()[0] == 0


@claim("mcp:start")
@pytest.mark.parametrize("args", [["mcp"], ["mcp", "--as", "x"]])
def test_the_server_starts_without_what_only_people_need(
    tmp_path: Path, args: list[str]
) -> None:
    script = f"import sys; sys.argv = ['agentco', *{args!r}]\nfrom agentco.__main__ import run\n"
    script += "try: run()\nexcept SystemExit: sys.stderr.write('\\n'.join(sys.modules))"
    env = {**os.environ, "MEMORY_FILE_PATH": str(tmp_path / "m.jsonl")}
    done = subprocess.run(
        [sys.executable, "-c", script],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=env,
        check=True,
        timeout=60,
    )
    heavy = {
        "typer",
        "rich",
        "yaml",
        "asyncio",
        "filelock",
        "mcp",
        "pydantic",
        "threading",
        "agentco.cli.main",
    }
    assert heavy.isdisjoint(done.stderr.split())


@claim("mcp:errors")
@pytest.mark.skipif(
    "FAKETIME" in os.environ, reason="faketime opens a file in its place"
)
@pytest.mark.parametrize("closed", ["<&-", ">&-", ">/dev/full", "<&- >&- 2>&-"])
def test_a_stdin_or_stdout_that_does_not_work_is_an_exit_code(
    tmp_path: Path, closed: str
) -> None:
    if "/dev/full" in closed and not Path("/dev/full").exists():
        pytest.skip("no device that is always full")
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {closed}', "sh", *OURS],
        input=json.dumps(request(1, "ping")) + "\n",
        env={**os.environ, "MEMORY_FILE_PATH": str(tmp_path / "m.jsonl")},
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )
    assert done.returncode == 5, done.stderr
    assert "Traceback" not in done.stderr
