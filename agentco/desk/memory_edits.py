"""Change what the company knows: add, relate, delete, undo, trust, prune, repair, import."""

from collections.abc import Sequence
from contextlib import suppress

from msgspec import Struct

from agentco.day.memory_expiry import expired_today
from agentco.desk.memory import find_entity
from agentco.desk.open_company import OpenCompany
from agentco.kernel.errors import NeedsFounder, WrongUsage
from agentco.kernel.names import FOUNDER
from agentco.memory.compact import export_lines
from agentco.memory.founder_edits import (
    Deletion,
    UntrustedFact,
    entity_deletion,
    entity_type_for,
    observation_deletion,
    relation_deletion,
    require_plain_lines,
)
from agentco.memory.graph import MemoryEntity, MemoryRelation
from agentco.memory.import_plan import plan_import
from agentco.memory.lines import (
    EntityLine,
    Provenance,
    RejectedLine,
    RelationLine,
    TrustLevel,
    encode_line,
    is_untrusted,
)
from agentco.memory.retention import ExpiringEntity, remove_expired
from agentco.memory.trash import Removal
from agentco.memory.vouching import (
    accept_claims,
    describe_claim,
    texts_of_line,
    trust_entity,
)


class AddedFacts(Struct, frozen=True, kw_only=True):
    """How many observations of an entity were new, and how many were only confirmed.

    `signed` unless there is no key: then they count for nothing.
    """

    name: str
    type: str
    added: int
    renewed: int
    is_new: bool
    signed: bool


class Repair(Struct, frozen=True, kw_only=True):
    """What a repair did; `moved` lines are no records and lie in `file` now."""

    repaired: bool
    moved: int
    file: str
    file_name: str


class MemoryExport(Struct, frozen=True, kw_only=True):
    """The memory in the reference server's form, which cannot say what is `untrusted`."""

    lines: tuple[bytes, ...]
    entities: tuple[MemoryEntity, ...]
    relations: tuple[MemoryRelation, ...]
    untrusted: int


class ImportResult(Struct, frozen=True, kw_only=True):
    """What an import brought, under whose name, and the lines that are no records."""

    by: str
    trust: TrustLevel
    new: tuple[str, ...]
    observations: int
    relations: int
    known: int
    rejected: tuple[RejectedLine, ...]


def add_facts(
    company: OpenCompany, name: str, texts: list[str], type_: str | None
) -> AddedFacts:
    """Remember something about a name; saying it again confirms that it still holds.

    Raises WrongUsage for a new entity without a type, or an old one of another type.
    """
    require_plain_lines(name, *texts)
    if type_ is not None:
        require_plain_lines(type_)
    company.require_writable()
    entity = company.memory.load_graph().find_entity(name)
    kind = entity_type_for(name, entity, type_)
    if entity and not texts:
        hint = 'give an observation: agentco memory add NAME "…"'
        raise WrongUsage(f"nothing to add to {name!r}", hint=hint)
    now = company.now_iso()
    said = tuple(dict.fromkeys(texts))
    line = EntityLine(
        name=name, type=kind, observations=said, at=now, by=FOUNDER, verified=now
    )
    company.memory.add([line])
    known = {fact.text for fact in entity.observations} if entity else set[str]()
    renewed = len(known.intersection(said))
    return AddedFacts(
        name=name,
        type=kind,
        added=len(said) - renewed,
        renewed=renewed,
        is_new=not entity,
        signed=bool(company.memory.key()),
    )


def relate(company: OpenCompany, from_: str, relation: str, to: str) -> RelationLine:
    """Tie two names together. Raises WrongUsage for an unknown one."""
    require_plain_lines(relation)
    company.require_writable()
    graph = company.memory.load_graph()
    find_entity(graph, from_)
    find_entity(graph, to)
    now = company.now_iso()
    line = RelationLine(
        from_=from_, to=to, type=relation, at=now, by=FOUNDER, verified=now
    )
    company.memory.add([line])
    return line


def plan_deletion(
    company: OpenCompany,
    name: str,
    observations: list[str],
    relation: tuple[str, str] | None,
) -> Deletion:
    """What would go with an entity, some of its observations, or one relation.

    Raises WrongUsage for what is not there.
    """
    company.require_writable()
    graph = company.memory.load_graph()
    if observations and relation:
        hint = "delete one after the other"
        raise WrongUsage("--observation and --relation at once", hint=hint)
    if relation:
        return relation_deletion(graph, name, *relation)
    entity = find_entity(graph, name)
    if observations:
        return observation_deletion(entity, observations)
    return entity_deletion(graph, entity)


def delete(company: OpenCompany, deletion: Deletion) -> Removal | None:
    """Move it to the trash, where it stays 30 days; None if it was gone already."""
    return company.memory.remove(
        deletion.cut, at=company.now_iso(), what=deletion.lines[0]
    )


def last_deletion(company: OpenCompany) -> Removal:
    """The deletion that `undo_deletion` takes back. Raises WrongUsage if there is none."""
    company.require_writable()
    removal = company.memory.last_removal()
    if removal is None:
        raise WrongUsage(
            "there is no deletion to take back",
            hint="the trash keeps deletions for 30 days",
        )
    return removal


def undo_deletion(company: OpenCompany) -> Removal:
    """Put back what was deleted last. Raises WrongUsage if there is nothing."""
    removal = last_deletion(company)
    return company.memory.undo_removal() or removal


def untrusted_facts(
    company: OpenCompany, name: str | None
) -> tuple[UntrustedFact, ...]:
    """What nobody vouched for of an entity and its relations, or all that nobody signed."""
    if name is None:
        return unsigned_facts(company)
    company.require_writable()
    graph = company.memory.load_graph()
    facts: list[UntrustedFact] = []
    for line in graph.lines_about(name):
        if is_untrusted(line):
            facts.extend(
                UntrustedFact(by=line.by, at=line.at, text=text)
                for text in texts_of_line(line)
            )
    if not facts:
        find_entity(graph, name)
    return tuple(facts)


def unsigned_facts(company: OpenCompany) -> tuple[UntrustedFact, ...]:
    """All that nobody signed, with what it says of itself."""
    company.require_writable()
    if not company.memory.key():
        hint = "agentco trust makes one and shows what the memory holds"
        raise NeedsFounder("the memory has no key to sign with yet", hint=hint)
    return tuple(
        UntrustedFact(by=None, at=claim.line.at, text=describe_claim(claim))
        for claim in company.memory.claims()
    )


def trust_facts(
    company: OpenCompany, name: str | None, facts: Sequence[UntrustedFact]
) -> Removal | None:
    """Vouch for what is untrusted of an entity, or for exactly these unsigned things.

    `undo_deletion` takes it back.
    """
    now = company.now_iso()
    what = f"trust in {len(facts)} things said of {name or 'anything'}"
    shown = frozenset(fact.text for fact in facts)
    cut = trust_entity(name, now) if name else accept_claims(now, shown)
    return company.memory.remove(cut, at=now, what=what, vouched=True)


def plan_pruning(
    company: OpenCompany, *, writes: bool = True
) -> tuple[ExpiringEntity, ...]:
    """What the settings no longer keep."""
    if writes:
        company.require_writable()
    graph = company.memory.load_graph()
    rules = company.settings.retention_by_type()
    return tuple(expired_today(graph, rules, company.today()))


def prune(company: OpenCompany, expired: tuple[ExpiringEntity, ...]) -> Removal | None:
    """Move what is no longer kept to the trash."""
    what = f"pruned: {describe_expired(expired[0])}"
    if len(expired) > 1:
        what = f"{what} and {len(expired) - 1} more"
    return company.memory.remove(
        remove_expired(expired), at=company.now_iso(), what=what
    )


def describe_expired(gone: ExpiringEntity) -> str:
    """What goes, in words."""
    if gone.texts:
        return f"{len(gone.texts)} runs of {gone.name}"
    return f"{gone.type} {gone.name}"


def repair_memory(company: OpenCompany, *, compact: bool = False) -> Repair:
    """Write every record on a line of its own; lines that are none are moved away."""
    company.require_writable()
    with suppress(NeedsFounder):
        status = company.trust.status()
        if status.before.hash:
            company.begin_signing(status)
    moved = company.memory.repair(compact=compact)
    file = company.memory.rejected
    return Repair(
        repaired=moved is not None,
        moved=moved or 0,
        file=str(file),
        file_name=file.name,
    )


def export_memory(company: OpenCompany) -> MemoryExport:
    """The memory as the MCP reference server would write it: who said it is left out."""
    graph = company.memory.load_graph()
    entities = tuple(graph.entities())
    untrusted = 0
    for entity in entities:
        untrusted += sum(map(is_untrusted, entity.observations))
    return MemoryExport(
        lines=tuple(map(encode_line, export_lines(graph))),
        entities=entities,
        relations=tuple(graph.relations),
        untrusted=untrusted,
    )


def import_memory(
    company: OpenCompany, data: bytes, *, source: str, trusted: bool = False
) -> ImportResult:
    """Take in what another memory knows; twice is once. `source` names it.

    Raises StateBroken for git's conflict markers.
    """
    company.require_writable()
    trust = TrustLevel.TRUSTED if trusted else TrustLevel.UNTRUSTED
    name = "".join(c if c.isprintable() else "?" for c in source)
    mark = Provenance(at=company.now_iso(), by=f"import:{name}", trust=trust)
    key = company.memory.key()
    plan = plan_import(data, company.memory.load_graph(), mark, key)
    if plan.lines:
        company.memory.apply_changes(records=plan.lines, at=company.now_iso())
    entities = [line for line in plan.lines if isinstance(line, EntityLine)]
    return ImportResult(
        by=f"import:{name}",
        trust=trust,
        new=plan.new,
        observations=sum(len(line.observations) for line in entities),
        relations=len(plan.lines) - len(entities),
        known=plan.known,
        rejected=plan.rejected,
    )
