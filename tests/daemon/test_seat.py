"""Where a company runs: a machine by a name that lasts, and one state on it."""

import fcntl
import threading
from pathlib import Path

import pytest
from claims import claim
from small_company import Place

from agentco.adapters.daemon import HOST_FILE, SingleDaemon, machine_id, seat_of
from agentco.kernel import Locked


def take_seat(root: Path, state: str, *, take_over: bool = False) -> str:
    """Be the daemon for a moment; what the host file says then."""
    with SingleDaemon(root, lambda: state).become(take_over=take_over):
        return (root / HOST_FILE).read_text()


@claim("up:seat")
def test_a_container_has_an_id_of_the_users_own_that_lasts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("container", "podman")
    first = machine_id(tmp_path)
    assert (len(first), machine_id(tmp_path)) == (32, first)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another"))
    (tmp_path / "company").mkdir()
    assert machine_id(tmp_path / "company") != first


@claim("up:seat")
@pytest.mark.parametrize("left", ["", "uninitialized\n", "0" * 31])
def test_a_file_that_holds_no_id_is_replaced(
    tmp_path: Path, left: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("container", "podman")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    (tmp_path / "agentco").mkdir()
    (tmp_path / "agentco" / "machine-id").write_text(left)
    (tmp_path / "company").mkdir()
    found = machine_id(tmp_path / "company")
    assert found == machine_id(tmp_path / "company")
    assert [path.name for path in (tmp_path / "agentco").iterdir()] == ["machine-id"]


@claim("up:seat")
def test_a_state_has_one_seat_and_the_file_tells_nobody_its_name(place: Place) -> None:
    said = take_seat(place.root, "k7m2ab")
    assert seat_of(place.root, "k7m2ab") == said.splitlines()[1]
    assert "k7m2ab" not in said
    assert take_seat(place.root, "k7m2ab") == said
    with pytest.raises(Locked) as caught:
        take_seat(place.root, "other1")
    assert "from another folder" in caught.value.what
    assert take_seat(place.root, "other1", take_over=True) != said


@claim("up:one")
def test_whoever_only_looks_keeps_no_daemon_from_coming_up(place: Place) -> None:
    said = take_seat(place.root, "k7m2ab")
    with (place.root / ".agentco/up.lock").open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)  # as a status does while it looks
        glance = threading.Timer(0.1, looking.close)
        glance.start()
        assert take_seat(place.root, "k7m2ab") == said
        glance.join()


@claim("up:seat")
def test_a_host_file_of_before_holds_only_a_name(place: Place) -> None:
    name = take_seat(place.root, "k7m2ab").splitlines()[0]
    (place.root / HOST_FILE).write_text("elsewhere\n")
    with pytest.raises(Locked):
        take_seat(place.root, "k7m2ab")
    (place.root / HOST_FILE).write_text(f"{name}\n")
    assert len(take_seat(place.root, "k7m2ab").splitlines()) == 2
