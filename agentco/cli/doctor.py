"""`agentco doctor`: what is configured, reachable, priced, locked and full. What it says stands in `doctor.yml`."""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer
from msgspec import json, yaml

from agentco.cli import check, current_company, init, screen
from agentco.cli.shared_options import JsonOption
from agentco.kernel.errors import AgentcoError, NeedsFounder, Severity

if TYPE_CHECKING:
    from agentco.desk.open_company import OpenCompany
    from agentco.engine.store import Transaction

STATUS_STYLES = {
    "ok": screen.Style.PLAIN,
    "warn": screen.Style.SOON,
    "wrong": screen.Style.URGENT,
}
EXIT_CODES = {"files": 3, "settings": 3, "models": 4, "live": 4}
EXIT_STATE_BROKEN, MARGIN, CONNECT_TIMEOUT_S, SLOW_ANSWER_S, MIN_FREE_GB = (
    5,
    15,
    2.0,
    20.0,
    0.1,
)
MAX_LISTING_BYTES, MAX_MODEL_NAMES = 1_000_000, 6
LOCAL_SERVERS = {
    "http://127.0.0.1:11434/v1": "ollama",
    "http://127.0.0.1:1234/v1": "lmstudio",
}
NETWORK_FILESYSTEMS = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "afs",
    "9p",
    "ceph",
    "fuse.sshfs",
    "fuse.glusterfs",
}
CheckResults: TypeAlias = Iterator[tuple[str, Mapping[str, object]]]


def doctor(
    with_calls: Annotated[
        bool,
        typer.Option("--live", help="Ask each model to say ok, which costs a little."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Look at everything that agentco needs: files, trust, models, runs, locks, disk. Nothing is paid.

    A model is asked nothing; its address only has to take a connection. With --live each is asked for a few
    tokens, reserved and paid like all work. Exit code 0 unless something is wrong: 3 for the company's
    files, 4 when no model can be asked, 5 for state, locks and disk.

    Examples:
      agentco doctor
      agentco doctor --live
    """
    checks = run_checks(current_company.open_current(), with_calls=with_calls)
    if as_json:
        screen.print_json({"checks": checks})
    for found in () if as_json else checks:
        told = f"{found['status']:<6}{found['name']:<9}{found['what']}"
        screen.print_text(
            fill(told, screen.terminal_width(), subsequent_indent=" " * MARGIN),
            STATUS_STYLES[found["status"]],
        )
        if found["hint"]:
            screen.print_text(f"{'':{MARGIN}}→ {found['hint']}", screen.Style.DIM)
    raise typer.Exit(
        next(
            (
                EXIT_CODES.get(c["name"], EXIT_STATE_BROKEN)
                for c in checks
                if c["status"] == "wrong"
            ),
            0,
        )
    )


def run_checks(
    edges: "OpenCompany", *, with_calls: bool = False
) -> list[dict[str, str]]:
    """Every check with name, status, what it found and what to do, in the order in which they depend on one another."""
    texts = yaml.decode(
        Path(__file__).with_suffix(".yml").read_bytes(), type=dict[str, list[str]]
    )
    checks = list[dict[str, str]]()
    for section in (
        files,
        settings,
        trust,
        models,
        *([live] if with_calls else []),
        state,
        disk,
    ):
        try:
            for key, values in section(edges):
                said = [
                    text.format(**values)
                    for text in (key.partition(".")[0], *texts[key], "")
                ]
                checks.append(
                    dict(zip(("name", "status", "what", "hint"), said, strict=False))
                )
        except AgentcoError as error:
            status = "warn" if isinstance(error, NeedsFounder) else "wrong"
            if error.what not in {found["what"] for found in checks}:
                checks.append(
                    {
                        "name": section.__name__,
                        "status": status,
                        "what": error.what,
                        "hint": error.hint,
                    }
                )
    return checks


def files(edges: "OpenCompany") -> CheckResults:
    """Whether every file of the company but the settings can be used."""
    from agentco.company.settings import SETTINGS_FILE
    from agentco.day.company_check import check_company as examine

    whole, broken = check.read_whole_company(edges)
    levels = [d.level for d in (*examine(whole), *broken) if d.file != SETTINGS_FILE]
    count = {
        "files": edges.files.count_files(),
        "warnings": levels.count(Severity.WARNING),
    }
    yield (
        "files.wrong" if Severity.ERROR in levels else "files.ok",
        count | {"errors": levels.count(Severity.ERROR)},
    )


def settings(edges: "OpenCompany") -> CheckResults:
    """Whether the settings can be used, and which caps hold. Raises CompanyBroken."""
    found = edges.files.settings()
    found.require_valid()
    yield "settings.ok" if edges.files.is_adopted else "settings.none", {}
    yield (
        "budget.named" if ("budget",) in found.lines else "budget.default",
        {"caps": init.describe_caps(edges.files.root)},
    )


def trust(edges: "OpenCompany") -> CheckResults:
    """Whether the folder may reach the world, and whether that can be kept. Raises NeedsFounder."""
    from agentco.adapters.files.trust_file import trust_file_path

    found, kept = edges.trust.status(), trust_file_path(edges.files.root)
    how = (
        "ok"
        if found.is_trusted
        else "doubt"
        if found.doubt
        else "changed"
        if found.before.hash
        else "none"
    )
    yield f"trust.{how}", {"doubt": found.doubt}
    if not os.access(next(p for p in (kept, *kept.parents) if p.exists()), os.W_OK):
        yield "trust.closed", {"place": kept}


def models(edges: "OpenCompany") -> CheckResults:
    """Which of the models that the settings and the agents name could be asked now. Raises NeedsFounder."""
    from concurrent.futures import ThreadPoolExecutor

    from agentco.adapters.models.clients import ModelClients
    from agentco.cli.show_models import named_models as offered
    from agentco.engine.route import why_unusable

    asked, able = ModelClients(edges.files.root, os.environ), 0
    named = offered(edges, edges.files.settings().require_valid())
    bases = {offer.api_base for _, offer in named} - {""}
    urls = [*bases | LOCAL_SERVERS.keys()] if edges.trust.status().is_trusted else []
    with ThreadPoolExecutor() as pool:
        doors = dict(zip(urls, pool.map(connection_problem, urls), strict=True))
    for who, offer in named:
        lacks, shut = why_unusable(offer, asked), doors.get(offer.api_base, "")
        able += not (lacks or shut)
        how = "lacks" if lacks else "shut" if shut else "ready"
        yield f"model.{how}", {"who": who, "offer": offer, "why": lacks or shut}
    how = "none" if not named else "unable" if not able else "ok" if urls else "untried"
    yield f"models.{how}", {"able": able, "named": len(named)}
    if missing := [
        tier
        for tier in ("light", "medium", "heavy")
        if named and tier not in dict(named)
    ]:
        yield "models.tiers", {"tiers": ", ".join(missing), "tier": missing[0]}
    ends = {base.rpartition(":")[2] for base in bases}
    for url in (
        url
        for url in LOCAL_SERVERS
        if doors.get(url) == "" and url.rpartition(":")[2] not in ends
    ):
        names = [f"{LOCAL_SERVERS[url]}/{name}" for name in list_served_models(url)]
        yield (
            f"local.{LOCAL_SERVERS[url]}",
            {"url": url, "names": ", ".join(names) or f"{LOCAL_SERVERS[url]}/MODEL"},
        )


def list_served_models(url: str) -> list[str]:
    """The models that a server of this machine says it has; none when it does not say."""
    from http.client import HTTPConnection, HTTPException
    from urllib.parse import urlsplit

    server = urlsplit(url)
    line = HTTPConnection(server.hostname or "", server.port, timeout=CONNECT_TIMEOUT_S)
    try:
        line.request("GET", f"{server.path}/models")
        said = json.decode(
            line.getresponse().read(MAX_LISTING_BYTES), type=dict[str, Any]
        )
        return [str(model["id"]) for model in said["data"]][:MAX_MODEL_NAMES]
    except (OSError, ValueError, HTTPException, LookupError, TypeError):
        return []
    finally:
        line.close()


def live(edges: "OpenCompany") -> CheckResults:
    """Which models answer, after a call of each that is paid like all others. Raises NeedsFounder, CompanyBroken."""
    import asyncio

    from agentco.cli.show_models import named_models
    from agentco.company.model_offers import WireFormat
    from agentco.engine.heartbeat import SignOfLife, ask_for_sign_of_life
    from agentco.engine.route import why_unusable
    from agentco.kernel.money import format_dollars

    current_company.open_writable()
    current_company.open_trusted()
    with edges.open_office() as office:
        offers = {
            offer.name: offer
            for _, offer in named_models(edges, office.settings)
            if not why_unusable(offer, office.models)
        }

        if any(offer.wire is WireFormat.LITELLM for offer in offers.values()):
            from agentco.adapters.models.litellm_client import load_litellm

            load_litellm()  # before the clock starts

        async def asked() -> list[SignOfLife]:
            try:
                return await asyncio.gather(
                    *(ask_for_sign_of_life(offer, office) for offer in offers.values())
                )
            finally:
                await office.models.aclose()

        signs = asyncio.run(asked())
    for sign in signs:
        how = "silent" if sign.why else "slow" if sign.seconds > SLOW_ANSWER_S else "ok"
        yield (
            f"live.{how}",
            {
                "sign": sign,
                "cost": format_dollars(sign.usd),
                "hint": sign.hint or "agentco show models",
            },
        )
    if offers and all(sign.why for sign in signs):
        yield "live.none", {"count": len(signs)}


def connection_problem(url: str) -> str:
    """Why nobody takes a connection at an address; empty when somebody does, or only a proxy can tell."""
    import socket
    from urllib.parse import urlsplit
    from urllib.request import getproxies

    from agentco.company.addresses import is_loopback

    server = urlsplit(url)
    if server.scheme in getproxies() and not is_loopback(url):
        return ""
    try:
        address = (
            server.hostname or "",
            server.port or {"http": 80}.get(server.scheme, 443),
        )
        socket.create_connection(address, CONNECT_TIMEOUT_S).close()
    except (OSError, ValueError) as error:
        return f"{server.netloc} takes no connection ({getattr(error, 'strerror', None) or error})"
    return ""


def state(edges: "OpenCompany") -> CheckResults:
    """Whether the state is whole and ours, what of it waits, who holds which lock. Raises StateBroken, NeedsFounder."""
    from agentco.adapters.files.file_lock import lock_path, read_holder_pid
    from agentco.adapters.state.drivers import is_locked
    from agentco.adapters.state.open_state import STATE, has_state, open_state

    root = edges.files.root
    for path in (edges.board.path, edges.memory.path):
        lock = lock_path(path.resolve())
        yield (
            f"locks.{'held' if is_locked(lock) else 'free'}",
            {"file": path.name, "pid": read_holder_pid(lock)},
        )
    if has_state(root):
        with open_state(root) as opened:
            yield (
                "state.shared" if (root / STATE).stat().st_mode & 0o077 else "state.ok",
                {},
            )
            yield from opened.read(lambda tx: [*unfinished_work(tx, root)]).result()


def unfinished_work(tx: "Transaction", root: Path) -> CheckResults:
    """What is driven, interrupted, in doubt, halted or restricted."""
    from agentco.adapters.state.drivers import Drivers
    from agentco.engine.inbox_items import restricted_agents

    drivers, runs = (Drivers(root), tx.list_runs(current_company.now_iso(), limit=-1))
    for run in runs:
        if (status := run.status(drivers.is_alive)) in {"running", "interrupted"}:
            yield (
                f"runs.{status}",
                {"run": run, "pid": drivers.pid_of(run.driver or "")},
            )
    if doubt := sum(run.in_doubt for run in runs):
        yield "runs.doubt", {"doubt": doubt}
    for halt in tx.halts():
        who = halt.scope or "the company"
        yield "halt.on", {"who": who, "since": halt.since, "by": halt.by}
    for one in restricted_agents(tx):
        yield "halt.restricted", {"one": one}


def disk(edges: "OpenCompany") -> CheckResults:
    """Whether there is room, everything can be written, locks hold, and the programs are there that agentco needs."""
    import platform

    from agentco.adapters.state.open_state import store_version

    root, memory = edges.files.root, edges.memory.path
    free = shutil.disk_usage(root).free / 1e9
    yield "disk.full" if free < MIN_FREE_GB else "disk.ok", {"gigabytes": free}
    paths = (root, edges.board.path, memory.parent, memory, root / ".agentco")
    if closed := [
        str(path) for path in paths if path.exists() and not os.access(path, os.W_OK)
    ]:
        yield "disk.closed", {"paths": ", ".join(closed)}
    if kind := network_disk_type(root, Path("/proc/mounts")):
        yield "disk.network", {"kind": kind}
    git = any((folder / ".git").exists() for folder in (root, *root.parents))
    yield f"git.{'none' if not shutil.which('git') else 'ok' if git else 'folder'}", {}
    yield (
        "machine.ok",
        {"python": platform.python_version(), "sqlite": store_version()},
    )


def network_disk_type(root: Path, mounts: Path) -> str:
    """The kind of network disk that a folder lies on; empty for any other disk."""
    rows = (
        [line.split(" ") for line in mounts.read_text().splitlines()]
        if mounts.exists()
        else []
    )
    kind = max(
        ((len(row[1]), row[2]) for row in rows if root.is_relative_to(row[1])),
        default=(0, ""),
    )[1]
    return kind if kind in NETWORK_FILESYSTEMS else ""
