"""`agentco doctor` on real companies: what it finds, what it says to do, and that it touches nothing."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Generator
from pathlib import Path

import pytest
from claims import claim
from small_company import SETTINGS, Place
from wire.server import Call, Fault, Say, WireServer

import agentco
from agentco.adapters.files import STATE_FILE, hold_lock
from agentco.adapters.machine import list_served_models, network_disk_type
from agentco.adapters.state.open_state import open_state
from agentco.cli.main import main
from agentco.upkeep import LOCAL_SERVERS

ROOT = Path(agentco.__file__).parents[1]
LOCAL = 'models: {{medium: [workshop/m]}}\nproviders: {{workshop: {{kind: openai, api_base: "http://127.0.0.1:{port}/v1"}}}}\n'

Said = tuple[int, list[dict[str, str]]]


def examine(place: Place, capsys: pytest.CaptureFixture[str]) -> Said:
    capsys.readouterr()
    code = main(["--company", str(place.root), "doctor", "--json"])
    return code, json.loads(capsys.readouterr().out)["checks"]


def of(said: Said, name: str) -> list[tuple[str, str]]:
    return [
        (check["status"], check["what"]) for check in said[1] if check["name"] == name
    ]


def accept(place: Place) -> None:
    place.trust()


def use(place: Place, more: str) -> None:
    place.settings(SETTINGS + more)
    accept(place)


@pytest.fixture
def closed() -> int:
    """A port of this machine at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def listener() -> Generator[tuple[int, list[bytes]]]:
    """A port that takes connections, and everything that was said to it."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    peer, _ = server.accept()
                except OSError:
                    return
                with peer:
                    peer.settimeout(5)
                    heard.append(peer.recv(1))

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield int(server.getsockname()[1]), heard
        server.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=5)


@claim("doctor:checks")
def test_a_new_company_is_well_and_no_model_costs_nothing(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    accept(place)
    said = examine(place, capsys)
    assert said[0] == 0
    assert all(check.keys() == {"name", "status", "what", "hint"} for check in said[1])
    assert [
        c
        for c in said[1]
        if c["status"] not in {"ok", "warn"}
        or (c["status"] == "warn" and not c["hint"])
    ] == []
    assert of(said, "models")[0][0] == "warn"
    assert of(said, "trust") == [("ok", "this folder is trusted with what it reaches")]
    assert {c["name"] for c in said[1]} >= {
        "files",
        "settings",
        "budget",
        "trust",
        "models",
        "locks",
        "disk",
        "machine",
    }


@claim("doctor:checks")
@pytest.mark.parametrize("wide", ["80", "120"])
def test_the_screen_says_the_same_in_words(
    place: Place,
    wide: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", wide)
    _, checks = examine(place, capsys)
    assert main(["--company", str(place.root), "doctor"]) == 0
    screen = capsys.readouterr().out
    whole = " ".join(screen.split())
    for check in (
        c for c in checks if c["name"] != "disk"
    ):  # how much is free changes meanwhile
        assert " ".join((check["status"], check["name"], check["what"])) in whole
        assert check["hint"] in screen
    assert max(map(len, screen.splitlines())) <= int(wide)


@claim("doctor:checks")
@pytest.mark.parametrize(
    ("settings", "name"),
    [("budgt: {call: 1}\n", "settings"), ("budget: {call: nothing}\n", "settings")],
)
def test_broken_settings_are_told_once_with_exit_code_3(
    place: Place, settings: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    place.settings(settings)
    code, checks = examine(place, capsys)
    wrong = [c for c in checks if c["status"] == "wrong"]
    assert code == 3
    assert [c["name"] for c in wrong] == [name]
    assert ".github/agentco.yml:1" in wrong[0]["what"]


@claim("doctor:checks")
def test_a_file_that_cannot_be_used_is_exit_code_3(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.agent("bad", "x" * 1_100_000)
    code, checks = examine(place, capsys)
    assert code == 3
    assert [c["hint"] for c in checks if c["status"] == "wrong"] == [
        "agentco check lists them"
    ]


@claim("doctor:default-caps")
def test_fault_53_default_caps_are_said_once(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    ((_, what),) = of(examine(place, capsys), "budget")
    assert "names no budget" in what or "name no budget" in what
    assert "$0.25 a call" in what
    use(place, "budget: {call: 0.10}\n")
    ((_, what),) = of(examine(place, capsys), "budget")
    assert "no budget" not in what
    assert "$0.10 a call" in what


@claim("doctor:models")
def test_a_model_that_takes_connections_can_be_asked_and_hears_nothing(
    place: Place, listener: tuple[int, list[bytes]], capsys: pytest.CaptureFixture[str]
) -> None:
    port, heard = listener
    use(place, LOCAL.format(port=port))
    said = examine(place, capsys)
    assert said[0] == 0
    assert of(said, "model") == [
        ("ok", "medium: workshop/m can be asked, its price is known")
    ]
    assert of(said, "models")[0] == ("ok", "1 of 1 can be asked")
    assert heard in ([], [b""])


@claim("doctor:no-call")
def test_a_server_of_models_gets_no_request(
    place: Place, wire: WireServer, capsys: pytest.CaptureFixture[str]
) -> None:
    port = int(wire.url.split(":")[2].split("/")[0])
    use(place, LOCAL.format(port=port))
    assert examine(place, capsys)[0] == 0
    assert wire.requests == []


@claim("doctor:no-call")
def test_without_trust_no_connection_is_made(
    place: Place, listener: tuple[int, list[bytes]], capsys: pytest.CaptureFixture[str]
) -> None:
    port, heard = listener
    place.settings(SETTINGS + LOCAL.format(port=port))
    said = examine(place, capsys)
    assert said[0] == 0
    assert "no connection was tried" in of(said, "models")[0][1]
    assert of(said, "trust")[0][0] == "warn"
    assert heard == []


@claim("doctor:models")
def test_faults_54_and_60_each_model_says_what_it_lacks(
    place: Place,
    closed: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("SHOP_KEY", raising=False)
    use(
        place,
        "models: {light: [shop/a, far/b], medium: [near/c, odd/d]}\n"
        "prices: {shop/a: {input: 1, output: 1}}\n"
        'providers: {shop: {kind: openai, api_base: "https://shop.invalid/v1", api_key_env: SHOP_KEY},'
        ' far: {kind: openai, api_base: "https://far.invalid/v1"},'
        f' near: {{kind: openai, api_base: "http://127.0.0.1:{closed}/v1"}}}}\n',
    )
    said = examine(place, capsys)
    key, price, door, unknown = (
        what for status, what in of(said, "model") if status == "warn"
    )
    assert "SHOP_KEY" in key
    assert "no price is known for far/b" in price
    assert f"127.0.0.1:{closed} refuses connections" in door
    assert "unknown provider 'odd'" in unknown
    assert said[0] == 4
    assert of(said, "models")[0] == ("wrong", "none of 4 can be asked")
    assert "heavy" in of(said, "models")[1][1]


@claim("doctor:models")
def test_one_model_that_can_be_asked_is_enough(
    place: Place,
    closed: int,
    listener: tuple[int, list[bytes]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    use(
        place,
        "models: {medium: [a/x, b/y]}\nproviders: {"
        + ", ".join(
            f'{name}: {{kind: openai, api_base: "http://localhost:{port}/v1"}}'
            for name, port in (("a", closed), ("b", listener[0]))
        )
        + "}\n",
    )
    said = examine(place, capsys)
    assert (said[0], of(said, "models")[0]) == (0, ("ok", "1 of 2 can be asked"))


@claim("doctor:checks")
def test_a_lock_that_is_held_names_its_process(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.board("- [ ] a id:T1")
    holder = (
        "import sys; from pathlib import Path; from agentco.adapters.files.file_lock import hold_lock\n"
        "with hold_lock(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", holder, str(place.root / "BOARD.md")]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        said = examine(place, capsys)
        process.communicate("", timeout=30)
    assert said[0] == 5
    assert ("wrong", f"process {process.pid} holds the lock of BOARD.md") in of(
        said, "locks"
    )
    assert examine(place, capsys)[0] == 0


@claim("doctor:checks")
@pytest.mark.parametrize(("mode", "status"), [(0o600, "ok"), (0o644, "warn")])
def test_the_state_is_ours_and_private(
    place: Place, mode: int, status: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_state(place.root) as state:
        state.write(
            lambda tx: tx.halt("", at="2026-11-21T09:00:00+00:00", by="ines")
        ).result()
    (place.root / STATE_FILE).chmod(mode)
    said = examine(place, capsys)
    assert said[0] == 0
    assert of(said, "state")[0][0] == status
    assert of(said, "halt") == [
        ("warn", "the company is halted since 2026-11-21T09:00:00+00:00 by ines")
    ]


@claim("doctor:checks")
def test_a_damaged_state_is_exit_code_5(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_state(place.root):
        pass
    (place.root / STATE_FILE).write_bytes(b"this was a database once " * 400)
    said = examine(place, capsys)
    assert said[0] == 5
    assert [status for status, _ in of(said, "state")] == ["wrong"]


@claim("doctor:checks")
def test_a_state_that_somebody_else_brought_is_said(
    place: Place,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with open_state(place.root):
        pass
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another"))
    ((status, what),) = of(examine(place, capsys), "state")
    assert (status, "not made by you" in what) == ("warn", True)


@claim("doctor:disk")
@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_fault_44_a_folder_that_cannot_be_written_is_wrong(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.root.chmod(0o555)
    try:
        said = examine(place, capsys)
    finally:
        place.root.chmod(0o755)
    assert said[0] == 5
    assert any(
        "cannot be written" in what
        for status, what in of(said, "disk")
        if status == "wrong"
    )


@claim("doctor:disk")
@pytest.mark.parametrize(
    ("root", "kind"),
    [
        ("/home/ines/farol", "nfs4"),
        ("/home/ines", "nfs4"),
        ("/home", ""),
        ("/home/inesita", ""),
        ("/", ""),
    ],
)
def test_fault_44_a_network_disk_is_known_by_its_mount(
    tmp_path: Path, root: str, kind: str
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "/dev/sda1 / ext4 rw 0 0\nhome:/export /home/ines nfs4 rw 0 0\nproc /proc proc rw 0 0\n"
    )
    assert network_disk_type(Path(root), mounts) == kind
    assert network_disk_type(Path(root), tmp_path / "none") == ""


def kept(root: Path) -> dict[str, bytes | None]:
    """Every folder and file, but for what can be made again at any time."""
    found = (path for path in sorted(root.rglob("*")) if ".cache" not in path.parts)
    return {str(path): path.read_bytes() if path.is_file() else None for path in found}


@claim("doctor:writes-nothing")
@pytest.mark.parametrize("worked", [False, True])
def test_doctor_changes_no_file(
    place: Place, worked: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    if worked:
        place.know("metric", "visits", "40 a day")
        with open_state(place.root) as state:
            state.write(
                lambda tx: tx.halt("", at="2026-11-21T09:00:00+00:00", by="ines")
            ).result()
        with hold_lock(place.memory_file):
            pass
    before = kept(place.root), kept(Path(os.environ["HOME"]))
    assert examine(place, capsys)[0] == 0
    assert (kept(place.root), kept(Path(os.environ["HOME"]))) == before


SHOP = "models: {{light: [shop/a, shop/b], medium: [shop/c, shop/d, shop/a]}}\nproviders: {{shop: {{kind: openai, api_base: '{url}'}}}}\n"
PRICED = "prices: {shop/a: {input: 1, output: 2}, shop/b: {input: 1, output: 2}, shop/c: {input: 1, output: 2}, shop/d: {input: 1, output: 2}}\n"


def ledger(place: Place) -> tuple[int, int]:
    """What was spent, and what is still reserved."""
    sql = "SELECT (SELECT sum(usd) FROM ledger WHERE NOT in_doubt), (SELECT sum(reserved) FROM effects WHERE state = 'sent')"
    with open_state(place.root) as state:
        spent, reserved = state.read(lambda t: t.fetch_rows(sql)).result()[0]
    return spent or 0, reserved or 0


@claim("doctor:live")
def test_live_asks_each_model_once_for_a_few_tokens_and_pays_for_it(
    place: Place, wire: WireServer, capsys: pytest.CaptureFixture[str]
) -> None:
    use(place, SHOP.format(url=wire.url) + PRICED)
    answers = {
        "a": [Say(text="ok")],
        "b": [Say(status=401)],
        "c": [Say(status=429, headers={"retry-after": "60"})],
    }
    wire.script({**answers, "d": [Say(fault=Fault.DROP)]})
    assert examine(place, capsys)[0] == 0
    assert wire.bill.requests == 0
    assert main(["--company", str(place.root), "doctor", "--live", "--json"]) == 0
    found = [
        c for c in json.loads(capsys.readouterr().out)["checks"] if c["name"] == "live"
    ]
    assert [c["status"] for c in found] == ["ok", "warn", "warn", "warn"]
    told = "\n".join(c["what"] for c in found)
    for words in (
        "shop/a answered in",
        "shop/b refused the key",
        "shop/c cannot answer now",
        "shop/d did not finish",
    ):
        assert words in told
    assert "to a key that it accepts" in found[1]["hint"]
    assert sorted((r.body["model"], r.body["max_tokens"]) for r in wire.requests) == [
        (m, 16) for m in "abcd"
    ]
    assert ledger(place) == (wire.bill.micro_usd, 0)
    phases = "SELECT phase, count(*) FROM runs GROUP BY phase ORDER BY phase"
    with open_state(place.root) as state:
        assert state.read(lambda t: t.fetch_rows(phases)).result() == [
            ("cancelled", 3),
            ("done", 1),
        ]


@claim("doctor:live")
@pytest.mark.parametrize(
    "say",
    [
        Say(text="", stop="length"),
        Say(text="I'm", stop="length", usage={}),
        Say(calls=[Call(name="Read")]),
        Say(
            status=400,
            error="Could not finish the message because max_tokens or model output limit was reached.",
        ),
    ],
)
def test_whatever_a_model_says_to_live_it_is_there(
    place: Place, wire: WireServer, say: Say, capsys: pytest.CaptureFixture[str]
) -> None:
    use(
        place,
        SHOP.format(url=wire.url).replace(
            "light: [shop/a, shop/b], medium: [shop/c, shop/d, shop/a]",
            "light: [shop/a]",
        ),
    )
    wire.script({"a": [say]})
    assert main(["--company", str(place.root), "doctor", "--live", "--json"]) == 0
    assert "shop/a answered in" in capsys.readouterr().out


@claim("doctor:live")
def test_live_without_any_answer_is_exit_code_4(
    place: Place, wire: WireServer, capsys: pytest.CaptureFixture[str]
) -> None:
    use(place, SHOP.format(url=wire.url))
    wire.script({"*": [Say(status=402)]})
    assert main(["--company", str(place.root), "doctor", "--live"]) == 4
    assert "none of 4 answered" in capsys.readouterr().out


@claim("doctor:live")
def test_live_spends_nothing_past_a_budget_and_nothing_without_trust(
    place: Place, wire: WireServer, capsys: pytest.CaptureFixture[str]
) -> None:
    wire.script({"*": [Say(text="ok")]})
    place.settings(SETTINGS + SHOP.format(url=wire.url) + PRICED)
    assert main(["--company", str(place.root), "doctor", "--live", "--json"]) == 0
    assert "is not trusted" in capsys.readouterr().out
    use(place, SHOP.format(url=wire.url) + PRICED + "budget: {company_day: 0}\n")
    assert main(["--company", str(place.root), "doctor", "--live", "--json"]) == 4
    assert "today's budget" in capsys.readouterr().out
    assert wire.bill.requests == 0


@claim("doctor:local")
def test_the_models_of_a_server_of_this_machine_are_read_off(wire: WireServer) -> None:
    assert list_served_models(wire.url) == ["qwen3:8b", "llama3.3"]
    assert list_served_models(wire.url.replace("/v1", "/v2")) == []
    assert list_served_models("http://127.0.0.1:9/v1") == []


@claim("doctor:local")
def test_local_servers_print_the_settings_to_paste(
    place: Place,
    wire: WireServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(LOCAL_SERVERS, wire.url, "ollama")
    accept(place)
    found = [
        c
        for c in examine(place, capsys)[1]
        if c["name"] == "local" and wire.url in c["what"]
    ]
    assert [c["hint"] for c in found] == [
        "in .github/agentco.yml: models: {local: [ollama/qwen3:8b, ollama/llama3.3]}"
    ]
    assert wire.bill.requests == 0


@pytest.mark.parametrize("name", ["BOARD.md", "memory/memory.jsonl"])
@claim("doctor:checks")
def test_a_link_that_leads_to_itself_is_told_and_not_followed(
    place: Place, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    path = place.root / name
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(path.name)
    accept(place)
    said = examine(place, capsys)
    assert [check for check in said[1] if check["name"] == "locks"]
