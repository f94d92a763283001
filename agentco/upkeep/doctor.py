"""What is configured, reachable, priced, locked and full. What it says is in doctor.yml."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import TypeAlias

from msgspec import Struct, yaml

from agentco.company.model_offers import ModelOffer, WireFormat
from agentco.company.providers import PROVIDERS, how_to_read, is_known_server
from agentco.company.settings import SETTINGS_FILE
from agentco.day.company_check import check_company
from agentco.desk.open_company import OpenCompany
from agentco.engine.ask_model import why_unusable
from agentco.engine.heartbeat import SignOfLife, ask_for_sign_of_life
from agentco.engine.office import Office
from agentco.kernel import package_data
from agentco.kernel.errors import (
    AgentcoError,
    CompanyBroken,
    NeedsFounder,
    NoModel,
    Severity,
    StateBroken,
)
from agentco.kernel.money import format_dollars
from agentco.overview.inbox_items import restricted_agents
from agentco.ports.machine import MachinePort
from agentco.ports.outside import ModelPort, ServedContext
from agentco.ports.store import Transaction
from agentco.ports.trust import TrustStatus
from agentco.rules.read_context import LearnedContext
from agentco.runs.run_summary import RunSummary
from agentco.upkeep.checking import read_whole_company
from agentco.upkeep.making_company import describe_caps
from agentco.upkeep.model_choices import REQUIRED_TIERS, named_models
from agentco.upkeep.plan_programs import check_plans
from agentco.upkeep.stated_costs import check_stated_costs

WRONG = "wrong"
EXIT_CODES = {
    "files": CompanyBroken.exit_code,
    "settings": CompanyBroken.exit_code,
    "models": NoModel.exit_code,
    "live": NoModel.exit_code,
}
SLOW_ANSWER_S = 20.0
SMALL_CONTEXT = 8192
"""Tokens: with fewer there is little room beside a prompt for what tools return."""
LARGE_STATE_MB = 1000
OLD_BACKUP = timedelta(days=7)
MIN_FREE_GB = 0.1
LOCAL_SERVERS = {str(PROVIDERS[name].api_base): name for name in ("ollama", "lmstudio")}
"""Those whose ports hardly anything else listens on."""
Findings: TypeAlias = Iterator[tuple[str, Mapping[str, object]]]
"""Keys of doctor.yml, each with the values that its words name."""


class HealthCheck(Struct, frozen=True, kw_only=True):
    """One thing that was looked at; `status` is ok, warn or wrong, `hint` what to do."""

    name: str
    status: str
    what: str
    hint: str = ""


Section = Callable[[OpenCompany, MachinePort], Findings]


def examine(
    company: OpenCompany, machine: MachinePort, *, with_calls: bool = False
) -> list[HealthCheck]:
    """Look at everything, in the order in which things depend on one another.

    With calls each model is asked for a few tokens, paid like all work.
    """
    sections = dict(SECTIONS)
    if not with_calls:
        del sections["live"]
    words = yaml.decode(
        package_data.load_text(__name__, "yml"), type=dict[str, list[str]]
    )
    checks: list[HealthCheck] = []
    for name, section in sections.items():
        try:
            for key, values in section(company, machine):
                checks.append(_health_check(key, words[key], values))
        except AgentcoError as error:
            if all(error.what != check.what for check in checks):
                checks.append(_failed_check(name, error))
    return checks


def exit_code(checks: Iterable[HealthCheck]) -> int:
    """What a command ends with: 3 for files, 4 for models, 5 for state and disk."""
    for check in checks:
        if check.status == WRONG:
            return EXIT_CODES.get(check.name, StateBroken.exit_code)
    return 0


def _health_check(
    key: str, words: list[str], values: Mapping[str, object]
) -> HealthCheck:
    status, what, *hint = (text.format(**values) for text in words)
    name = key.partition(".")[0]
    return HealthCheck(name=name, status=status, what=what, hint="".join(hint))


def _failed_check(name: str, error: AgentcoError) -> HealthCheck:
    status = "warn" if isinstance(error, NeedsFounder) else WRONG
    return HealthCheck(name=name, status=status, what=error.what, hint=error.hint)


def _check_files(company: OpenCompany, machine: MachinePort) -> Findings:
    """Whether every file of the company but the settings can be used."""
    del machine
    whole, broken = read_whole_company(company)
    problems = [*check_company(whole), *broken]
    levels = [each.level for each in problems if each.file != SETTINGS_FILE]
    counts = {
        "files": company.files.count_files(),
        "warnings": levels.count(Severity.WARNING),
        "errors": levels.count(Severity.ERROR),
    }
    yield "files.wrong" if counts["errors"] else "files.ok", counts


def _check_settings(company: OpenCompany, machine: MachinePort) -> Findings:
    """Whether the settings can be used, and which caps hold."""
    del machine
    settings = company.files.settings()
    settings.require_valid()
    yield "settings.ok" if company.files.is_adopted else "settings.none", {}
    key = "budget.named" if ("budget",) in settings.lines else "budget.default"
    yield key, {"caps": describe_caps(settings.settings)}


def _check_trust(company: OpenCompany, machine: MachinePort) -> Findings:
    """Whether the folder may reach the world, and whether that can be kept."""
    status = company.trust.status()
    place = machine.trust_place
    yield f"trust.{_trust_word(status)}", {"doubt": status.doubt}
    if not machine.is_writable_at(place):
        yield "trust.closed", {"place": place}


def _trust_word(status: TrustStatus) -> str:
    if status.is_trusted:
        return "ok"
    if status.doubt:
        return "doubt"
    return "changed" if status.before.hash else "none"


def _check_models(company: OpenCompany, machine: MachinePort) -> Findings:
    """Which of the models that the settings and the agents name could be asked now."""
    named = named_models(company, company.settings)
    bases = {offer.api_base for _, offer in named} - {""}
    problems = _connection_problems(company, machine, bases)
    models = company.models()
    able = 0
    for who, offer in named:
        lacks = why_unusable(offer, models)
        shut = problems.get(offer.api_base, "")
        values = {"who": who, "offer": offer, "why": lacks or shut}
        if lacks:
            yield "model.lacks", values
        elif shut:
            yield "model.shut", values
        else:
            able += 1
            yield "model.ready", values
    reached = {
        offer.name: offer
        for _, offer in named
        if problems.get(offer.api_base) == "" and is_known_server(offer.provider)
    }
    yield from _check_contexts(reached.values(), models)
    yield from _learned_contexts(company, {offer.name: offer for _, offer in named})
    word = _models_word(named, able, was_tried=bool(problems))
    yield f"models.{word}", {"able": able, "named": len(named)}
    tiers = [tier for tier in REQUIRED_TIERS if tier not in dict(named)]
    if named and tiers:
        yield "models.tiers", {"tiers": ", ".join(tiers), "tier": tiers[0]}
    ports = {base.rpartition(":")[2] for base in bases}
    for url, server in LOCAL_SERVERS.items():
        is_up = problems.get(url) == ""
        if is_up and url.rpartition(":")[2] not in ports:
            served = machine.served_models(url, PROVIDERS[server].models)
            names = [f"{server}/{name}" for name in served]
            listed = ", ".join(names) or f"{server}/MODEL"
            yield f"local.{server}", {"url": url, "names": listed}


def _check_contexts(offers: Iterable[ModelOffer], models: ModelPort) -> Findings:
    """How much the models of the founder's own servers read, as those servers say."""
    asked = [offer for offer in offers if offer.asks_context]
    told = asyncio.run(_ask_contexts(models, asked))
    for offer, context in zip(asked, told, strict=True):
        if context is None:
            yield "context.untold", {"offer": offer}
            continue
        word = "small" if context.tokens < SMALL_CONTEXT else "ok"
        yield f"context.{word}", {"offer": offer, "told": context}


def _learned_contexts(
    company: OpenCompany, offers: Mapping[str, ModelOffer]
) -> Findings:
    """Which models read only a part of a prompt; of a state that fails, its own section tells."""
    known: dict[str, LearnedContext | None] = {}
    with suppress(AgentcoError):
        known = company.read_state(
            lambda tx: {name: tx.learned_context(name) for name in offers}, known
        )
    zone = company.settings.time_zone
    for name, learned in known.items():
        if learned and learned.is_fresh(company.now()):
            offer = offers[name]
            when = learned.at.astimezone(zone)
            values = {
                "learned": learned,
                "when": f"{when:%Y-%m-%d %H:%M}",
                "advice": how_to_read(offer.provider, offer.model, 2 * learned.sent),
            }
            yield "context.learned", values


async def _ask_contexts(
    models: ModelPort, offers: Iterable[ModelOffer]
) -> list[ServedContext | None]:
    try:
        asked = (models.served_context(offer, load=False) for offer in offers)
        return await asyncio.gather(*asked)
    finally:
        await models.aclose()


def _connection_problems(
    company: OpenCompany, machine: MachinePort, bases: set[str]
) -> dict[str, str]:
    """What keeps each address from being reached; nothing is tried without trust."""
    if not company.trust.status().is_trusted:
        return {}
    urls = [*bases | LOCAL_SERVERS.keys()]
    with ThreadPoolExecutor() as pool:
        found = pool.map(machine.connection_problem, urls)
        return dict(zip(urls, found, strict=True))


def _models_word(
    named: list[tuple[str, ModelOffer]], able: int, *, was_tried: bool
) -> str:
    if not named:
        return "none"
    if not able:
        return "unable"
    return "ok" if was_tried else "untried"


def _check_live(company: OpenCompany, machine: MachinePort) -> Findings:
    """Which models answer, after a call of each that is paid like all others."""
    company.require_writable()
    company.require_trust()
    with company.open_office() as office:
        named = named_models(company, office.settings)
        offers = {
            offer.name: offer
            for _, offer in named
            if not why_unusable(offer, office.models)
        }
        wires = {offer.wire for offer in offers.values()}
        if WireFormat.LITELLM in wires:
            machine.load_clients()  # before the clock starts
        others = [
            each for each in offers.values() if not is_known_server(each.provider)
        ]
        yield from _check_contexts(others, office.models)
        signs = asyncio.run(_ask_all(office, offers.values()))
    for sign in signs:
        values = {
            "sign": sign,
            "cost": format_dollars(sign.usd),
            "hint": sign.hint or "agentco show models",
        }
        if sign.why:
            yield "live.silent", values
        else:
            is_slow = sign.seconds > SLOW_ANSWER_S
            yield "live.slow" if is_slow else "live.ok", values
    if offers and all(sign.why for sign in signs):
        yield "live.none", {"count": len(signs)}


async def _ask_all(office: Office, offers: Iterable[ModelOffer]) -> list[SignOfLife]:
    try:
        calls = (ask_for_sign_of_life(offer, office) for offer in offers)
        return await asyncio.gather(*calls)
    finally:
        await office.models.aclose()


def _check_state(company: OpenCompany, machine: MachinePort) -> Findings:
    """Whether the state is whole and ours, what of it waits, who holds which lock."""
    for path in (company.board.path, company.memory.path):
        word = "held" if machine.is_file_locked(path) else "free"
        values = {"file": path.name, "pid": machine.lock_holder(path)}
        yield f"locks.{word}", values
    if not company.state.exists():
        return
    now = company.now_iso()
    is_alive = company.state.is_driver_alive
    with company.state.open() as store:
        yield "state.shared" if machine.is_state_shared() else "state.ok", {}
        yield from _check_kept(company, machine)
        runs = store.read(lambda tx: tx.list_runs(now, limit=-1)).result()
        for run in runs:
            status = run.status(is_alive)
            if status in {"running", "interrupted"}:
                pid = machine.driver_pid(run.driver or "")
                yield f"runs.{status}", {"run": run, "pid": pid}
        yield from store.read(lambda tx: _restraints(tx, runs)).result()


def _check_kept(company: OpenCompany, machine: MachinePort) -> Findings:
    """How much room it all takes, and how old the last backup is."""
    megabytes = machine.state_bytes() / 1e6
    word = "large" if megabytes > LARGE_STATE_MB else "ok"
    yield f"size.{word}", {"state": megabytes, "log": machine.log_bytes() / 1e6}
    backups = machine.backups()
    if not backups:
        yield "backup.none", {}
        return
    newest = backups[0][0]
    word = "old" if company.now() - newest > OLD_BACKUP else "ok"
    size = sum(size for _, size in backups) / 1e6
    yield f"backup.{word}", {"at": f"{newest:%Y-%m-%d %H:%M} UTC", "size": size}


def _restraints(
    tx: Transaction, runs: Iterable[RunSummary]
) -> list[tuple[str, Mapping[str, object]]]:
    """What is in doubt, halted or restricted."""
    findings: list[tuple[str, Mapping[str, object]]] = []
    in_doubt = sum(run.in_doubt for run in runs)
    if in_doubt:
        findings.append(("runs.doubt", {"doubt": in_doubt}))
    for halt in tx.halts():
        who = halt.scope or "the company"
        values = {"who": who, "since": halt.since, "by": halt.by}
        findings.append(("halt.on", values))
    restricted = restricted_agents(tx)
    findings.extend(("halt.restricted", {"one": fact}) for fact in restricted)
    return findings


def _check_disk(company: OpenCompany, machine: MachinePort) -> Findings:
    """Whether there is room, everything can be written, and locks hold."""
    root = company.root
    memory = company.memory.path
    gigabytes = machine.free_bytes() / 1e9
    word = "full" if gigabytes < MIN_FREE_GB else "ok"
    yield f"disk.{word}", {"gigabytes": gigabytes}
    paths = (root, company.board.path, memory.parent, memory, root / ".agentco")
    closed = machine.closed_paths(paths)
    if closed:
        yield "disk.closed", {"paths": ", ".join(map(str, closed))}
    kind = machine.network_disk()
    if kind:
        yield "disk.network", {"kind": kind}
    yield f"git.{_git_word(machine)}", {}
    versions = {"python": machine.python_version, "sqlite": machine.store_version}
    yield "machine.ok", versions


def _git_word(machine: MachinePort) -> str:
    if not machine.has_git():
        return "none"
    return "ok" if machine.is_repository() else "folder"


SECTIONS: Mapping[str, Section] = {
    "files": _check_files,
    "settings": _check_settings,
    "trust": _check_trust,
    "models": _check_models,
    "plans": check_plans,
    "prices": check_stated_costs,
    "live": _check_live,
    "state": _check_state,
    "disk": _check_disk,
}
