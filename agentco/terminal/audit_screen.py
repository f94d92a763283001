"""The audit on the screen: a line for each ruling, act and decision."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from agentco.desk.controls import VerifiedAudit
from agentco.kernel.words import count_of
from agentco.rules.audit import AuditLine
from agentco.terminal import screen
from agentco.terminal.local_time import local_second, zone_line
from agentco.terminal.outcome_screen import indent_text


def print_audit(lines: Sequence[AuditLine], zone: ZoneInfo) -> None:
    """Print each line with its reason."""
    if not lines:
        screen.print_text("nothing was done yet")
        return
    for line in lines:
        screen.print_text(line_text(line, zone))
        if line.why:
            screen.print_text(indent_text(line.why))
    screen.print_text(zone_line(zone), screen.Style.DIM)


def verified_lines(verified: VerifiedAudit) -> list[str]:
    """Say that the audit holds, and what no anchor protects yet."""
    lines = count_of(verified.lines, "line")
    said = [f"the audit is intact ({lines}), and so is what it tells of"]
    if verified.unanchored:
        newest = count_of(verified.unanchored, "line")
        said.append(f"unanchored: the newest {newest}; the next command anchors them")
    return said


def line_text(line: AuditLine, zone: ZoneInfo) -> str:
    """One line of the audit, without its reason."""
    effect = f"{line.run}.{line.effect}" if line.effect else line.run
    rule = f"({line.rule})" if line.rule else ""
    time = local_second(line.at, zone)
    words = [str(line.seq), time, effect, line.agent, line.what, line.ruling, rule]
    return " ".join(word for word in words if word)
