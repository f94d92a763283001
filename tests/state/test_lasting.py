"""A state lasts: it has an identity of its own, is missed when it is gone, and its backup lies elsewhere."""

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from claims import claim
from small_company import Place

from agentco.adapters.files import STATE_FILE, expected_state, trust_folder
from agentco.adapters.state import Database, back_up, has_state, list_backups, restore
from agentco.adapters.state.open_state import open_state
from agentco.cli.main import main
from agentco.kernel import NeedsFounder, StateBroken, WrongUsage
from agentco.ports import Halt
from agentco.upkeep import grant_trust, unsigned_claims
from agentco.wiring import open_company

AT = "2026-11-21T09:00:00+00:00"
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def halted(root: Path) -> list[str]:
    with open_state(root) as state:
        return [halt.scope for halt in state.read(lambda tx: tx.halts()).result()]


def work(root: Path, text: bytes = b"work") -> str:
    """Put something into the state that only this state has; its name."""
    with open_state(root) as state:
        state.write(lambda tx: tx.save_body(text, AT)).result()
        return state.name


def holds(root: Path, text: bytes = b"work") -> bool:
    with open_state(root) as state:
        rows = state.read(lambda tx: tx.fetch_rows("SELECT data FROM bodies")).result()
    return (text,) in rows


def believe(root: Path) -> None:
    trust_folder(root, open_company(root).trust.status().reach, at=AT)


def do(root: Path, *args: str) -> int:
    return main(["--company", str(root), *args])


def trust(root: Path, *more: str) -> int:
    found = open_company(root).trust.status().current_hash
    return do(root, "trust", "--hash", found, *more)


def beside_trust(name: str) -> Path:
    return Path(os.environ["HOME"], ".local/state/agentco", name)


@pytest.fixture
def farol(place: Place) -> Path:
    """A trusted company that has worked."""
    believe(place.root)
    work(place.root)
    return place.root


@claim("state:moved")
def test_a_renamed_company_is_known_again_with_all_that_it_had(
    farol: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = work(farol)
    assert do(farol, "halt") == 0
    moved = farol.rename(tmp_path / "lumen")
    for command in ("runs", "costs", "inbox", "audit", "resume", "status"):
        assert do(moved, command) == 6
        assert f"the company that you knew in {str(farol)!r}" in capsys.readouterr().err
    assert trust(moved) == 0
    assert "all of it is kept" in capsys.readouterr().err
    assert (work(moved), halted(moved), holds(moved)) == (name, [""], True)
    assert (expected_state(farol), has_state(farol.parent / "none")) == ("", False)
    assert do(moved, "resume") == 0
    assert halted(moved) == []


@claim("halt:kept")
def test_a_halt_of_a_company_that_was_moved_holds_once_it_is_known_again(
    farol: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work(farol)
    moved = farol.rename(tmp_path / "lumen")
    assert do(moved, "halt") == 0
    said = capsys.readouterr()
    assert said.out == "the company is halted\n"
    assert "beside your trust" in said.err
    assert trust(moved) == 0
    assert halted(moved) == [""]


@claim("state:moved")
def test_trust_in_a_moved_company_asks_only_about_what_its_own_key_did_not_sign(
    tmp_path: Path,
) -> None:
    farol = tmp_path / "farol"
    assert main(["init", str(farol), "--sample"]) == 0
    work(farol)
    forged = '{"type":"entity","name":"Evil","entityType":"deadline","observations":["Due: now"]}'
    moved = farol.rename(tmp_path / "lumen")
    with (moved / "memory/memory.jsonl").open("a") as file:
        file.write(f"{forged}\n")
    company = open_company(moved)
    status = company.trust.status()
    claims = unsigned_claims(company, status)
    assert claims == ["+ Evil (deadline): Due: now (does not say by whom)"]
    change = grant_trust(company, status, adopts=claims)
    assert (change.unsigned, unsigned_claims(company, change.status)) == (0, [])


@claim("state:moved")
def test_a_link_that_leads_from_the_old_place_to_the_new_makes_no_copy_of_a_moved_company(
    farol: Path, tmp_path: Path
) -> None:
    name = work(farol)
    moved = farol.rename(tmp_path / "lumen")
    farol.symlink_to(moved)
    assert trust(farol) == 0
    assert (work(moved), holds(moved)) == (name, True)
    assert not (moved / f"{STATE_FILE}.brought").exists()


@claim("state:moved")
def test_companies_that_change_places_keep_what_is_theirs(
    places: Callable[[], Place], tmp_path: Path
) -> None:
    one, two = places().root, places().root
    for root in (one, two):
        believe(root)
        work(root, str(root).encode())
    assert do(one, "halt") == 0
    one.rename(tmp_path / "free")
    two.rename(one)
    (tmp_path / "free").rename(two)
    assert [trust(one), trust(two)] == [0, 0]
    assert (holds(two, str(one).encode()), holds(one, str(two).encode())) == (
        True,
        True,
    )
    assert (halted(one), halted(two)) == ([], [""])


@claim("state:moved")
@pytest.mark.parametrize("anew", ["init", "--new-state"])
def test_a_company_in_the_old_place_and_the_moved_one_are_two(
    tmp_path: Path, anew: str
) -> None:
    farol = tmp_path / "farol"
    assert main(["init", str(farol), "--sample"]) == 0
    first = work(farol)
    moved = farol.rename(tmp_path / "lumen")
    if anew == "init":
        assert main(["init", str(farol), "--sample"]) == 0
    else:
        shutil.copytree(moved, farol, ignore=shutil.ignore_patterns(".agentco"))
        assert trust(farol, anew) == 0
    second = work(farol, b"second")
    assert trust(moved) == 0
    assert (work(moved), work(farol, b"second")) == (first, second)
    assert (holds(moved), holds(farol)) == (True, False)
    for root in (moved, farol):
        assert open_company(root).trust.status().is_trusted


@claim("state:copied")
def test_a_copy_is_no_second_home_of_the_same_state(
    farol: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = work(farol)
    copy = Path(shutil.copytree(farol, tmp_path / "copy"))
    assert do(copy, "runs") == 6
    assert f"a copy of {str(farol)!r}" in capsys.readouterr().err
    assert trust(copy) == 0
    assert (copy / f"{STATE_FILE}.brought").exists()
    assert work(copy, b"its own") != name
    assert (holds(farol), holds(copy)) == (True, False)


LOSSES: dict[str, Callable[[Path], object]] = {
    "the file": lambda root: (root / STATE_FILE).unlink(),
    "the folder": lambda root: shutil.rmtree(root / ".agentco"),
    "emptied": lambda root: os.truncate(root / STATE_FILE, 0),
    "another": lambda root: (
        shutil.rmtree(root / ".agentco") or Database(root, name="other").close()
    ),
}


@claim("state:gone")
@pytest.mark.parametrize("loss", LOSSES)
def test_fault_35_a_state_that_is_gone_is_an_error_and_never_an_empty_one(
    farol: Path, loss: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert back_up(farol, NOW)
    LOSSES[loss](farol)
    before = (farol / STATE_FILE).exists() and (farol / STATE_FILE).read_bytes()
    for command in (["runs"], ["costs"], ["inbox"], ["audit"], ["status"], ["resume"]):
        assert do(farol, *command) == 5
        said = capsys.readouterr().err
        assert "agentco doctor --restore" in said
        assert "2026-11-21T090000Z.db" in said
    assert trust(farol) == 5
    assert before == (
        (farol / STATE_FILE).exists() and (farol / STATE_FILE).read_bytes()
    )
    assert do(farol, "doctor", "--restore") == 0
    assert holds(farol)


@claim("state:gone")
def test_fault_35_a_memory_that_went_with_the_state_is_no_empty_one(
    farol: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in (".agentco", "memory"):
        shutil.rmtree(farol / folder)
    assert do(farol, "memory", "add", "rent", "x", "--type", "note") == 5
    assert "neither is the company's state" in capsys.readouterr().err
    assert not (farol / "memory").exists()


@claim("halt:kept")
@pytest.mark.parametrize("loss", LOSSES)
def test_a_halt_holds_though_the_state_is_gone(
    farol: Path, loss: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert back_up(farol, NOW)
    LOSSES[loss](farol)
    assert do(farol, "halt") == 0
    assert "stored beside your trust" in capsys.readouterr().err
    assert restore(farol) == NOW
    assert halted(farol) == [""]
    assert do(farol, "resume") == 0
    assert halted(farol) == []
    assert list(beside_trust("halts").iterdir()) == []
    assert do(farol, "audit") == 0
    said = capsys.readouterr().out
    assert said.index("halted") < said.index("resumed")


@claim("halt:kept")
def test_a_halt_outlives_a_new_state(farol: Path) -> None:
    assert do(farol, "halt") == 0
    shutil.rmtree(farol / ".agentco")
    assert trust(farol, "--new-state") == 0
    assert halted(farol) == [""]
    believe(farol)
    assert do(farol, "ask", "nobody", "x") != 0


@claim("halt:kept")
def test_a_halt_outlives_a_new_state_where_the_company_was_moved(
    place: Place, farol: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place.agent("cfo")
    key = open_company(farol).memory.key()
    assert do(farol, "halt") == 0
    moved = farol.rename(tmp_path / "lumen")
    assert trust(moved, "--new-state") == 0
    assert open_company(moved).memory.key() == key != b""
    assert not holds(moved)
    moved_again = tmp_path / "again"
    shutil.rmtree(moved / ".agentco")
    assert trust(moved, "--new-state") == 0
    moved.rename(moved_again)
    assert trust(moved_again) == 0
    capsys.readouterr()
    assert do(moved_again, "status", "--json") == 0
    assert "the company is halted" in capsys.readouterr().out


@claim("halt:kept")
@pytest.mark.parametrize("is_lost", [True, False], ids=str)
def test_a_halt_of_a_program_of_before_outlives_the_state_from_the_next_trust_on(
    farol: Path, is_lost: bool
) -> None:
    with open_state(farol) as state:
        state.write(lambda tx: tx.halt("", at=AT, by="ines")).result()
    if is_lost:
        assert trust(farol) == 0
        shutil.rmtree(farol / ".agentco")
    assert trust(farol, "--new-state") == 0
    assert halted(farol) == [""]


@claim("halt:kept")
def test_a_halt_without_a_home_is_kept_in_the_state(
    farol: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = open_company(farol)
    monkeypatch.setenv("HOME", "/nowhere")
    halt = Halt(scope="", since=AT, by="ines")
    with pytest.raises(NeedsFounder):
        company.state.keep_halt(halt)
    company.state.lift_kept_halt("")  # and none is kept to be lifted


@claim("state:new")
def test_a_new_state_begins_only_by_the_founders_word(
    farol: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = work(farol)
    shutil.rmtree(farol / ".agentco")
    assert trust(farol, "--new-state") == 0
    assert "nothing spent" in capsys.readouterr().err
    assert do(farol, "runs") == 0
    assert work(farol, b"new") != old
    assert not holds(farol)


@claim("state:new")
@pytest.mark.parametrize("other", ["--show", "--forget", "--export"])
def test_a_new_state_is_no_word_beside_another(farol: Path, other: str) -> None:
    assert do(farol, "trust", "--new-state", other) == 2
    assert holds(farol)


@claim("state:new")
def test_a_new_state_keeps_the_old_one_beside_it(farol: Path) -> None:
    old = work(farol)
    assert trust(farol, "--new-state") == 0
    assert work(farol, b"new") != old
    assert (farol / f"{STATE_FILE}.before").exists()


@claim("state:gone")
def test_a_trust_file_of_before_is_read_and_its_state_is_missed_from_then_on(
    farol: Path,
) -> None:
    path = beside_trust("trust.json")
    lines = path.read_text().splitlines()
    path.write_text("\n".join(line for line in lines if '"state"' not in line))
    text = path.read_text().replace("],\n }", "]\n }")
    path.write_text(text)
    assert expected_state(farol) == ""
    assert holds(farol)
    (farol / STATE_FILE).unlink()
    with pytest.raises(StateBroken):
        has_state(farol)


@claim("state:backup")
def test_a_backup_is_an_hour_old_at_most_and_three_days_have_one(farol: Path) -> None:
    hours = [24 * day + hour for day in range(6) for hour in (0, 0.5, 3)]
    made = [back_up(farol, NOW + timedelta(hours=hour)) for hour in hours]
    assert made == [True, False, True] * 6
    backups = list_backups(farol, expected_state(farol))
    assert [path.name for path in backups] == [
        "2026-11-26T120000Z.db",
        "2026-11-25T120000Z.db",
        "2026-11-24T120000Z.db",
    ]
    assert {path.stat().st_mode & 0o777 for path in backups} == {0o600}
    assert sorted(p.name for p in backups[0].parent.iterdir()) == [
        ".agentco",
        *sorted(path.name for path in backups),
    ]


@claim("state:backup")
def test_what_is_damaged_or_gone_replaces_no_backup(farol: Path) -> None:
    assert back_up(farol, NOW)
    data = bytearray((farol / STATE_FILE).read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    (farol / STATE_FILE).write_bytes(data)
    assert not back_up(farol, NOW + timedelta(days=2))
    (farol / STATE_FILE).unlink()
    assert not back_up(farol, NOW + timedelta(days=4))
    assert not (farol / STATE_FILE).exists()
    assert restore(farol) == NOW
    assert holds(farol)


@claim("state:backup")
def test_nothing_is_restored_over_a_state_that_works(farol: Path) -> None:
    assert back_up(farol, NOW)
    before = (farol / STATE_FILE).read_bytes()
    with pytest.raises(WrongUsage):
        restore(farol)
    assert (farol / STATE_FILE).read_bytes() == before


@claim("state:copied")
def test_a_large_state_in_use_is_known_where_it_lies(
    farol: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert back_up(farol, NOW)
    copy = Path(shutil.copytree(farol, tmp_path / "copy"))
    os.truncate(farol / STATE_FILE, 300_000_000)  # as a hole
    with open_state(farol) as state:
        state.write(lambda tx: tx.save_body(b"unmerged", AT)).result()
        assert do(copy, "runs") == 6
        assert f"a copy of {str(farol)!r}" in capsys.readouterr().err
        with pytest.raises(WrongUsage):
            restore(farol)


@claim("state:backup")
def test_without_a_backup_the_error_says_what_else_there_is(farol: Path) -> None:
    (farol / STATE_FILE).unlink()
    with pytest.raises(StateBroken) as caught:
        restore(farol)
    assert "agentco trust --new-state" in caught.value.hint


@claim("state:backup")
def test_the_standup_makes_the_backup_and_doctor_tells_it(
    farol: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    do(farol, "doctor")
    assert "has no backup" in capsys.readouterr().out
    assert do(farol, "standup") == 0
    assert len(list_backups(farol, expected_state(farol))) == 1
    capsys.readouterr()
    do(farol, "doctor")
    assert "the state was last backed up" in capsys.readouterr().out


@claim("state:left")
@pytest.mark.parametrize("loss", LOSSES)
def test_an_open_state_that_is_moved_deleted_or_replaced_is_used_no_more(
    farol: Path, loss: str
) -> None:
    if loss == "emptied":
        pytest.skip("the file is the same one")
    with open_state(farol) as state:
        LOSSES[loss](farol)
        before = sorted(farol.rglob("*"))
        with pytest.raises(StateBroken) as caught:
            state.write(lambda tx: tx.save_body(b"x", AT)).result()
        assert "while it was in use" in caught.value.what
        with pytest.raises(StateBroken):
            state.read(lambda tx: tx.halts()).result()
    assert sorted(farol.rglob("*")) == before
