"""`agentco demo` with the real program: reviews, a crash, a resume, and nothing left behind."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from claims import claim
from msgspec import yaml
from typed import commands_of

import agentco
from agentco.cli import demo

ROOT = Path(agentco.__file__).parents[1]


def run(temp: Path, *args: str, **more: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temp), **more}
    command = [sys.executable, "-m", "agentco", *args]
    return subprocess.run(
        command,
        check=False,
        cwd=temp,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def played(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, subprocess.CompletedProcess[str], Path]:
    temp, home = tmp_path_factory.mktemp("demo"), tmp_path_factory.mktemp("home")
    return temp, run(temp, "demo", "crash", HOME=str(home)), home


@claim("demo:story")
def test_the_demo_tells_its_story_and_cleans_up(
    played: tuple[Path, subprocess.CompletedProcess[str], Path],
) -> None:
    temp, done, home = played
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(demo.SCRIPTED_LABEL)
    assert done.stdout.endswith(f"{demo.SCRIPTED_LABEL}\n")
    commands = re.findall(r"^\$ (.*)$", done.stdout, re.MULTILINE)
    assert [c.split()[1] for c in commands if c.startswith("agentco")] == [
        "ask",
        "runs",
        "costs",
        "runs",
        "costs",
    ]
    assert max(map(len, done.stdout.splitlines())) <= 85
    assert list(temp.iterdir()) == []
    assert list(home.rglob("*")) == []


@claim("demo:pays-once")
def test_what_was_answered_before_the_crash_is_not_paid_again(
    played: tuple[Path, subprocess.CompletedProcess[str], Path],
) -> None:
    screen = played[1].stdout
    (before, *_, after) = re.findall(
        r"^ marketing +(\d) .*\$(0\.\d+)", screen, re.MULTILINE
    )
    assert (before[0], after[0]) == ("1", "2")
    assert 0 < float(before[1]) < float(after[1])
    assert "interrupted" in screen
    assert re.findall(r"^1$", screen, re.MULTILINE) == ["1", "1"]


@claim("demo:pays-once")
def test_a_kept_company_has_one_run_with_two_calls_and_nothing_in_doubt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(tmp_path, "demo", "crash", "--keep")
    (folder,) = tmp_path.iterdir()
    assert (done.returncode, str(folder / "company") in done.stderr) == (0, True)
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    do = commands_of(folder / "company", capsys)
    (row,) = do("runs", "--json").document["runs"]
    assert (row["status"], row["calls"], row["in_doubt"]) == ("done", 2, 0)
    effects = do("runs", "show", row["id"], "--json").document["effects"]
    assert [effect["state"] for effect in effects] == ["done"] * len(effects)
    assert do("audit", "verify").code == 0


@claim("demo:reviews")
def test_without_a_name_a_draft_is_reviewed_until_it_may_go_and_another_stays_blocked(
    tmp_path: Path,
) -> None:
    done = run(tmp_path, "demo", HOME=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.split("Marketing insists", 1)
    delivered, why = first.split("--why\n", 1)
    assert "certified and encrypted" not in delivered.partition("$ ")[2]
    assert re.findall(r"^ +(\w+ was asked about [\w-]+)", why, re.MULTILINE) == [
        "lawyer was asked about trust",
        "lawyer was asked about trust",
        "cto was asked about how-it-works",
    ]
    assert re.findall(r"^ +([A-Z]+) \(", why, re.MULTILINE) == [
        "BLOCKING",
        "APPROVED",
        "APPROVED",
    ]
    assert "blocked: blocked by claims, lawyer (trust)" in second
    assert "1 item waits for you" in second
    assert "Lumen is as good as certified" not in second
    assert list(tmp_path.iterdir()) == []


@claim("demo:story")
def test_a_story_that_goes_wrong_says_so(tmp_path: Path) -> None:
    story = demo.DemoStory(
        files={}, steps=(demo.DemoStep(run="agentco board nonsense"),)
    )
    (tmp_path / "story.yml").write_bytes(yaml.encode(story))
    script = (
        "import sys; from pathlib import Path; from msgspec import yaml; from agentco.cli import demo\n"
        "from agentco.kernel.errors import StateBroken\n"
        "try: demo.play_story(yaml.decode(Path('story.yml').read_bytes(), type=demo.DemoStory), Path('there/company').resolve())\n"
        "except StateBroken as error: print(error.what, error.exit_code)\n"
    )
    (tmp_path / "there").mkdir()
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.endswith(
        "'agentco board nonsense' did not do what the story says (exit code 2) 5\n"
    )
