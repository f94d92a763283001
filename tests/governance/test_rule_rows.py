"""How rules are written and what they match: a table of rows, and a great many made by chance."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from claims import claim
from processor_time import seconds_of_work

import agentco
from agentco.company import Permissions, matches_any_glob
from agentco.permissions import Ruling, ToolUse, check_permission, rule_problem

# the list and rule | the act | the ruling; with every tool allowed where the rule forbids
ROWS = """
allow Edit(notes/**)          | Edit notes/a.md              | allow
allow Edit(notes/**)          | Edit notes/a/b/c.md          | allow
allow Edit(notes/**)          | Edit notes                   | ask
allow Edit(notes/**)          | Edit Notes/a.md              | allow
allow Edit(notes/**)          | Edit NOTES/A.MD              | allow
allow Edit(notes/**)          | Edit notes./a.md             | ask
allow Edit(notes/**)          | Edit notes /a.md             | ask
allow Edit(notes/**)          | Edit my/notes/a.md           | ask
allow Edit(notes/**)          | Edit notes/../src/a.md       | ask
allow Edit(notes/**)          | Edit src/../notes/a.md       | allow
allow Edit(notes/**)          | Edit notes//a.md             | allow
allow Edit(notes/**)          | Edit ./notes/./a.md          | allow
allow Edit(notes/**)          | Edit notes\\a.md             | allow
allow Edit(notes/**)          | Edit /notes/a.md             | deny
allow Edit(notes/**)          | Edit ../notes/a.md           | deny
allow Edit(notes/**)          | Edit ~/notes/a.md            | deny
allow Edit(notes/**)          | Edit C:/notes/a.md           | deny
allow Edit(notes/**)          | Edit notes/.env              | deny
allow Edit(notes/**)          | Edit notes/.git/x            | deny
allow Edit(notes/**)          | Edit notes/a.pem             | deny
allow Edit(notes/**)          | Edit notes/AGENTS.md         | ask
allow Edit(notes/**)          | Edit notes/Makefile          | ask
allow Edit(notes/**)          | Edit notes/...               | deny
allow Edit(notes/*)           | Edit notes/a.md              | allow
allow Edit(notes/*)           | Edit notes/a/b.md            | ask
allow Edit(notes/*.md)        | Edit notes/a.md              | allow
allow Edit(notes/*.md)        | Edit notes/a.mdx             | ask
allow Edit(notes/*.md)        | Edit notes/a.md.             | ask
allow Edit(notes/?.md)        | Edit notes/a.md              | allow
allow Edit(notes/?.md)        | Edit notes/ab.md             | ask
allow Edit(notes/[ab].md)     | Edit notes/a.md              | allow
allow Edit(notes/[ab].md)     | Edit notes/c.md              | ask
allow Edit(notes/[!ab].md)    | Edit notes/c.md              | allow
allow Edit(notes/[!ab].md)    | Edit notes/a.md              | ask
allow Edit(notes/[a-c].md)    | Edit notes/b.md              | allow
allow Edit({notes,plans}/**)  | Edit plans/a.md              | allow
allow Edit({notes,plans}/**)  | Edit src/a.md                | ask
allow Edit(notes/**/end.md)   | Edit notes/end.md            | allow
allow Edit(notes/**/end.md)   | Edit notes/a/b/end.md        | allow
allow Edit(notes/**/end.md)   | Edit notes/a/bend.md         | ask
allow Edit(**/end.md)         | Edit end.md                  | allow
allow Edit(**/end.md)         | Edit a/b/end.md              | allow
allow Edit(**/notes/*.md)     | Edit a/notes/b.md            | allow
allow Edit(*.md)              | Edit a/b.md                  | allow
allow Edit(*.md)              | Edit b.txt                   | ask
allow Edit(plan.md)           | Edit plan.md                 | allow
allow Edit(plan.md)           | Edit a/plan.md               | allow
allow Edit(plan.md)           | Edit plan.md/x               | ask
allow Edit(/plan.md)          | Edit plan.md                 | allow
allow Edit(/plan.md)          | Edit a/plan.md               | ask
allow Edit(./plan.md)         | Edit plan.md                 | allow
allow Edit(notes/)            | Edit notes/a.md              | ask
allow Edit(**)                | Edit src/a.md                | allow
allow Edit(*)                 | Edit src/a.md                | allow
allow Edit                    | Edit src/a.md                | allow
allow edit                    | Edit src/a.md                | allow
allow Write(notes/**)         | Edit notes/a.md              | allow
allow MultiEdit(notes/**)     | Edit notes/a.md              | allow
allow create_file(notes/**)   | Edit notes/a.md              | allow
allow Edit(notes/**)          | Write notes/a.md             | allow
allow Edit (notes/**)         | Edit notes/a.md              | allow
allow Edit( notes/** )        | Edit notes/a.md              | allow
allow Read(notes/**)          | Edit notes/a.md              | ask
allow Edit(a (b)/*.md)        | Edit a (b)/c.md              | allow
allow Edit(caf\u00e9/**)           | Edit cafe\u0301/a.md              | ask
allow Edit(caf\u00e9/**)           | Edit caf\u00e9/a.md               | allow
allow Edit(notes/**)          | Edit note\u017f/a.md              | ask
allow Edit(notes/**)          | Edit no\u200btes/a.md             | ask
allow Edit(notes/**)          | Edit \uff4eotes/a.md              | ask
allow Edit(*a*b*c*)           | Edit xaxbxcx                 | allow
allow Edit(*a*b*c*d*e)        | Edit x/axbxcxd.e             | allow
allow Edit(*a*b*c*d*e)        | Edit axbxdxc.e               | ask
allow Edit(*a*b*c*d*e)        | Edit axb/cxd.e               | ask
allow Edit(*ab*ab)            | Edit xab                     | ask
allow Edit(a*?b)              | Edit ab                      | ask
allow Edit(a*?b)              | Edit axxb                    | allow
allow Edit(notes[!x]a.md)     | Edit notes/a.md              | ask
allow Edit({a,ab}*{c,bc}.md)  | Edit abbc.md                 | allow
allow Edit({notes/,}**/a.md)  | Edit notes/x/a.md            | allow
allow Edit(a/**/b/*/c)        | Edit a/b/b/x/b/x/c           | allow
allow Edit(a/**/b/**/b/c)     | Edit a/b/c                   | ask
allow Edit(**/a/**/b/**/c/*/*)| Edit a/b/c/d/e               | allow
allow Edit(notes/**           | Edit notes/a.md              | ask
allow Edit notes/**           | Edit notes/a.md              | ask
allow Edit(notes/**)          | Edit note\u017f/\u017f.md            | ask
deny Edit src/**              | Edit other/a                 | deny
deny Edit src/x               | Edit other/a                 | deny
deny src/**                   | Edit other/a                 | deny
deny x/post                   | mcp__x__post                 | deny
deny Microsoft Docs/*         | Edit other/a                 | allow
allow Edit()                  | Edit notes/a.md              | ask
allow Edit(notes/**))x        | Edit notes/a.md              | ask
allow Edit[notes/**]          | Edit notes/a.md              | ask
allow Eddit(notes/**)         | Edit notes/a.md              | ask
allow (notes/**)              | Edit notes/a.md              | ask
allow *                       | Edit notes/a.md              | ask
allow Edit,Read               | Edit notes/a.md              | ask
allow Edit;Read               | Edit notes/a.md              | ask
allow !Edit(src/**)           | Edit notes/a.md              | ask
allow Run                     | Run make                     | allow
allow Run(make)               | Run make                     | allow
allow Run(make)               | Run make all                 | ask
allow Run(make)               | Run makefile                 | ask
allow Run(make:*)             | Run make all                 | allow
allow Run(make:*)             | Run make                     | allow
allow Run(make:*)             | Run makes                    | ask
allow Run(make *)             | Run make all                 | allow
allow Run(make *)             | Run make                     | ask
allow Run(git log*)           | Run git log --oneline        | allow
allow Run(git log*)           | Run git   log                | allow
allow Run(make)               | Run MAKE                     | ask
allow Bash(npm run *)         | Run npm run x                | allow
allow Shell(ls)               | Run ls                       | allow
allow Run(:*)                 | Run rm -r x                  | ask
allow Fetch(https://a.b/**)   | Fetch https://a.b/c          | allow
allow Fetch(https://a.b/**)   | Fetch https://a.b            | allow
allow Fetch(https://a.b/**)   | Fetch https://A.B/c          | allow
allow Fetch(https://a.b/**)   | Fetch http://a.b/c           | ask
allow Fetch(https://a.b/**)   | Fetch https://a.b.c/d        | ask
allow Fetch(https://a.b/**)   | Fetch https://a.b:444/c      | ask
allow Fetch(https://a.b/**)   | Fetch https://x@a.b/c        | deny
allow Fetch(https://a.b/**)   | Fetch https://a.b/../c       | deny
allow Fetch(https://a.b/**)   | Fetch ftp://a.b/c            | deny
allow Fetch(https://a.b/x)    | Fetch https://a.b/x?y=1      | ask
allow WebFetch(domain:a.b)    | Fetch https://a.b/c          | allow
allow WebFetch(domain:a.b)    | Fetch https://c.a.b/c        | ask
allow WebFetch(domain:*.a.b)  | Fetch https://c.a.b/c        | allow
allow WebFetch(domain:*.a.b)  | Fetch https://a.b/c          | ask
allow mcp__x__post            | mcp__x__post                 | allow
allow mcp__x__post            | mcp__x__posts                | ask
allow mcp__x__*               | mcp__x__post                 | allow
allow mcp__x                  | mcp__x__post                 | allow
allow mcp__x__*               | mcp__xx__post                | ask
allow x/post                  | mcp__x__post                 | allow
deny Edit                     | Edit src/a.md                | deny
deny Edit(src)                | Edit src/a/b.md              | deny
deny Edit(src/)               | Edit src/a/b.md              | deny
deny Edit(src/**)             | Edit src                     | deny
deny Edit(src/*)              | Edit src/a/b.md              | deny
deny Edit(src/**)             | Edit SRC/a                   | deny
deny Edit(src/**)             | Edit src./a                  | deny
deny Edit(src/**)             | Edit src :x/a                | deny
deny Edit(src/**)             | Edit s\u200brc/a                  | deny
deny Edit(src/**)             | Edit \uff53rc/a                   | deny
deny Edit(src/**)             | Edit a/../src/b              | deny
deny Edit(src/**)             | Edit srcs/a                  | allow
deny Edit(/src/**)            | Edit a/src/b                 | allow
deny Edit(src)                | Edit a/src/b                 | deny
deny Edit(src//b.md)          | Edit src/b.md                | deny
deny Edit(src/./b.md)         | Edit src/b.md                | deny
deny Edit(//src\\b.md)         | Edit src/b.md                | deny
deny Edit(**//b.md)           | Edit src/b.md                | deny
deny Edit(*.csv)              | Edit a/b.CSV                 | deny
deny Edit(*.csv)              | Edit a/b.csv/c               | deny
deny Edit(stra\u00dfe/**)          | Edit STRASSE/a               | deny
deny Edit(caf\u00e9/**)            | Edit cafe\u0301/a                 | deny
deny Edit(\u0131nt/**)             | Edit \u0131nt/a                   | deny
deny Edit(int/**)             | Edit \u0131nt/a                   | deny
deny Edit(kit/**)             | Edit \u212ait/a                   | deny
deny Write(src/**)            | Edit src/a                   | deny
deny Read(src/**)             | Search src/a                 | deny
deny Read(src/**)             | Compute src/a.csv            | deny
deny Read(src/**)             | Edit src/a                   | allow
deny Search(src/**)           | Read src/a                   | allow
deny Edit(src/**              | Edit other/a                 | deny
deny Edit(*a*b*c*d*)          | Edit other/a                 | allow
deny Edit(*a*b*c*d*)          | Edit abcd/a                  | deny
deny Edit(src[^x]*)           | Edit src/a                   | allow
deny Fetch(https://a.b/**/c)  | Fetch https://a.b//c         | deny
deny Edit({a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}) | Edit z | deny
deny Eddit(src/**)            | Board done                   | deny
deny Run(git push)            | Run git push --force         | deny
deny Run(git push)            | Run GIT  push                | deny
deny Run(git push)            | Run git pushed               | allow
deny Run(rm:*)                | Run rm -r x                  | deny
deny Fetch(domain:a.b)        | Fetch https://A.b:8443/c     | deny
deny Fetch(https://a.b/c)     | Fetch https://a.b/c/d        | deny
deny mcp__x__*                | mcp__x__post                 | deny
deny MCP__X__post             | mcp__x__post                 | deny
deny Board(done)              | Board done                   | deny
deny Board(done)              | Board add                    | allow
deny Memory(delete*)          | Memory delete_entities       | deny
deny Skill(gdpr)              | Skill GDPR                   | deny
ask Edit(src/**)              | Edit src/a                   | ask
ask Edit(src/**)              | Edit other/a                 | allow
ask Delegate(cfo)             | Delegate cfo                 | ask
ask Delegate(cfo)             | Delegate cto                 | allow
ask Edit(src                  | Edit other/a                 | ask
""".strip().splitlines()
ALL = ("Edit", "Read", "Search", "Run", "Fetch", "mcp__x", "Board", "Delegate")
TABLE = Path(agentco.__file__).parent / "company" / "closed_names.json"
CLOSED: list[str] = json.loads(TABLE.read_text())


@claim("permissions:rows")
@pytest.mark.parametrize("row", ROWS, ids=ascii)
def test_a_rule_means_what_its_row_says(row: str) -> None:
    words, act, expected = (cell.strip(" ") for cell in row.split("|"))
    kind, _, rule = words.partition(" ")
    tool, _, what = act.partition(" ")
    rules = {"allow": () if kind == "allow" else ALL, kind: (rule,)}
    use = ToolUse(tool=tool, specifier=what)
    assert check_permission(use, Permissions(**rules)).ruling == expected


@claim("permissions:rows")
def test_there_are_rows_enough() -> None:
    assert len(ROWS) == len(set(ROWS)) >= 150


HOSTILE_RULES = [
    "*a*b*/*c*d*z", "*a" * 40 + "z", "a*" * 40 + "z", "*?" * 60 + "z", "**/*a*/**/*a*/**/*a*/**/*z", "**/a/" * 60 + "z", "{a,b,*a*}*" * 4 + "z",
    "**/{a*a*,*a}/{**/a,*}/**/z", "[ab]*" * 100 + "z", "{" + ",".join(["*a*a*a*a*a*z"] * 80) + "}", "*" * 900 + "z", "**/" * 300 + "z", "(((((((((" * 90,
    "{" * 900 + "z", "{a,b" * 200 + "}" * 200 + "z", "{" + ",".join(["a" * 400] * 110) + "}" * 3 + "{a,b}" * 30, "{" + "{a,b}," * 300 + "}",
]  # fmt: skip
HOSTILE_TARGETS = [
    "a" * 255, "ab" * 100 + "/" + "cd" * 140, "/".join(["a" * 255] * 15), "a/" * 60 + "a", "ab/" * 60 + "a", "a" * 4_000, "aab/" * 800 + "a",
    "https://" + "a" * 4_000, "https://a.b/" + "a/" * 2_000, "git " * 1_000,
]  # fmt: skip


@claim("permissions:rows")
@pytest.mark.parametrize("pattern", HOSTILE_RULES, ids=range(len(HOSTILE_RULES)))
def test_no_rule_and_no_target_take_for_ever(pattern: str) -> None:
    with seconds_of_work(20):
        for tool in ("Edit", "Run", "Fetch"):
            rules = [f"{tool}({pattern})", f"{tool}(domain:{pattern})"]
            for what in HOSTILE_TARGETS:
                for kind in ("allow", "deny"):
                    use = ToolUse(tool=tool, specifier=what)
                    assert check_permission(use, Permissions(**{kind: tuple(rules)}))
        assert matches_any_glob([pattern], "a" * 4_000) is False


@claim("permissions:rows")
def test_braces_may_stand_for_a_hundred_patterns_and_all_of_them_count() -> None:
    names = [f"x{i}" for i in range(100)]
    for form, what in (
        ("Edit({{{}}}/**)", "Edit(x99/a)"),
        ("Fetch(domain:{{{}}}.com)", "Fetch(https://x99.com:1/a)"),
    ):
        tool, _, target = what.rstrip(")").partition("(")
        use = ToolUse(tool=tool, specifier=target)
        rule = form.format(",".join(names))
        assert rule_problem(rule) is None
        assert check_permission(use, Permissions(deny=(rule,))).rule == rule
        many = form.format(",".join([*names, "y"]))
        assert "stands for more than 100 patterns" in (rule_problem(many) or "")
        assert check_permission(use, Permissions(allow=(many,))).rule == "unmatched"


@claim("permissions:rows")
@pytest.mark.parametrize("tool", ["Edit", "Read", "Run", "Fetch", "Board"])
def test_what_is_longer_than_any_path_is_never_allowed(tool: str) -> None:
    most = "https://a.b/" + "a/" * 2_042
    longer = most + "a"
    rules = Permissions(allow=("Edit", "Read", "Run", "Fetch", "Board"))
    for what, expected in ((longer, Ruling.DENY), (most, Ruling.ALLOW)):
        if what == longer or tool not in {"Edit", "Read"}:
            use = ToolUse(tool=tool, specifier=what)
            assert check_permission(use, rules).ruling is expected


@claim("permissions:rows")
def test_blanks_in_a_rule_without_end_are_read_at_once() -> None:
    with seconds_of_work(10):
        assert rule_problem(f"Edit{' ' * 200_000}x(a)b")
        assert rule_problem(f"Edit{' ' * 200_000}(a)") is None
        assert rule_problem(f"Edit({{{',' * 200_000}}})")


# A second, slow way to the same answer: no regular expression, no cache, ASCII only.

TOOLS = {"read": "Read", "view": "Read", "edit": "Edit", "write": "Edit", "run": "Run", "bash": "Run", "board": "Board"}  # fmt: skip


def fits(pattern: str, text: str) -> bool:
    """Whether a text is a pattern's, with `*` for any letters and `?` for one."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(fits(pattern[1:], text[i:]) for i in range(len(text) + 1))
    return bool(text) and pattern[0] in {"?", text[0]} and fits(pattern[1:], text[1:])


def fits_parts(pattern: list[str], parts: list[str]) -> bool:
    if not pattern:
        return not parts
    if pattern == ["**"]:
        return bool(parts)
    if pattern[0] == "**":
        return any(fits_parts(pattern[1:], parts[i:]) for i in range(len(parts) + 1))
    return (
        bool(parts)
        and fits(pattern[0], parts[0])
        and fits_parts(pattern[1:], parts[1:])
    )


def fits_path(pattern: str, path: str) -> bool:
    plain = pattern.replace("\\", "/").removeprefix("./")
    if plain in {"*", "**", "**/*"}:
        return True
    is_rooted = "/" in plain and not plain.startswith("**/")
    parts = [] if is_rooted else ["**"]
    parts += [part for part in plain.split("/") if part not in {"", "."}]
    parts += [""] * plain.endswith("/")
    return fits_parts(parts, path.split("/"))


def loose(path: str) -> str:
    parts = (part.partition(":")[0].rstrip(". ") or part for part in path.split("/"))
    return "/".join(parts)


def plain_path(text: str) -> str | None:
    kept: list[str] = []
    if text.startswith(("/", "\\", "~")) or text[1:2] == ":":
        return None
    for part in text.replace("\\", "/").split("/"):
        if part == "..":
            if not kept:
                return None
            kept.pop()
        elif part.strip(". "):
            kept.append(part)
        elif part not in {"", "."}:
            return None
    return "/".join(kept)


def read_rule(rule: str) -> tuple[str, str] | None:
    """The tool and pattern of a rule; None for one that cannot be read."""
    name, bracket, rest = rule.strip().partition("(")
    tool = TOOLS.get(name.strip().lower())
    if tool is None or ")" in name:
        return None
    if not bracket:
        return tool, ""
    pattern = rest[:-1].strip()
    return (tool, pattern) if rest.endswith(")") and pattern else None


def could_forbid(rule: str, tool: str, text: str) -> bool:
    read = read_rule(rule)
    if read is None:  # its tool may still be readable: then it is about that one alone
        name = rule.partition("(")[0].strip()
        if re.fullmatch(r"[\w. -]+/[\w.-]+", name):
            return False  # the tool of a server
        named = TOOLS.get(name.lower())
        return named in {None, tool}
    return read[0] == tool and (not read[1] or matches(*read, text, above=True))


def matches(tool: str, pattern: str, text: str, *, above: bool) -> bool:
    """Whether a pattern is about a target: in both forms, or with `above` in one, or a folder's."""
    pattern, text = pattern.lower(), text.lower()
    if tool not in {"Edit", "Read"}:
        gap, compare = " ", fits_words
        forms = [(pattern, text)]
    else:
        gap, compare = "/", fits_path
        forms = [(pattern, text), (loose(pattern), loose(text))]
    if not above:
        return all(compare(one, other) for one, other in forms)
    return any(
        compare(one.rstrip("/"), gap.join(other.split(gap)[:end]))
        for one, other in forms
        for end in range(1, other.count(gap) + 2)
    )


def fits_words(pattern: str, text: str) -> bool:
    if pattern.endswith(":*"):
        return f"{text} ".startswith(f"{pattern[:-2]} ")
    return fits(pattern, text)


def may_be_allowed(tool: str, what: str, rules: dict[str, tuple[str, ...]]) -> bool:
    """Whether anything lets an act be allowed; all that forbids is left out only where it is sure."""
    text = plain_path(what) if tool in {"Edit", "Read"} else " ".join(what.split())
    if text is None:
        return False
    if tool in {"Edit", "Read"}:
        parts = [*text.lower().split("/"), *loose(text.lower()).split("/")]
        if any(fits(name, part) for name in CLOSED for part in parts):
            return False
    if any(could_forbid(rule, tool, text) for rule in rules["deny"] + rules["ask"]):
        return False
    own = ("Read", "Board") if tool != "Edit" else ("Edit(drafts/**)",)
    for rule in (*rules["allow"], *own):
        read = read_rule(rule)
        if (
            read
            and read[0] == tool
            and (not read[1] or matches(*read, text, above=False))
        ):
            return True
    return False


NAMES = ["a", "b", "notes", "NOTES", "drafts", "a.md", "x.pem", ".env", "a.", "b ", "n:s", "git", "push"]  # fmt: skip
SIGNS = [
    "*",
    "**",
    "?",
    "..",
    ".",
    "",
    "*.md",
    "n*s",
    "?*",
    "a*b",
    "*a*",
    "*?o*e*s",
    "a*b*a",
    "b*",
    "*.*",
]


def some_path(chance: Random, *, pattern: bool) -> str:
    pieces = NAMES + SIGNS * 2 if pattern else [*NAMES, "..", ".", ""]
    gap = chance.choice(["/", "/", "/", "\\", " "])
    ending = chance.choice(["", "", "", "/", "/**", ":*"]) if pattern else ""
    parts = (chance.choice(pieces) for _ in range(chance.randint(1, 4)))
    return chance.choice(["", "", "./", "/"]) + gap.join(parts) + ending


def some_rule(chance: Random) -> str:
    name = chance.choice([*TOOLS, "Edit", "Read", "EDIT", "Raed", "", "Edit "])
    rule = f"{name}({some_path(chance, pattern=True)})"
    if chance.random() < 0.1:
        rule = name
    if chance.random() < 0.25:  # one letter goes, comes or moves
        at = chance.randrange(len(rule) + 1)
        rule = rule[:at] + chance.choice("()*/ x") + rule[at + chance.randint(0, 1) :]
    return rule


def some_acts(
    number: int, seed: int
) -> Iterator[tuple[str, str, dict[str, tuple[str, ...]]]]:
    chance = Random(seed)  # noqa: S311  it makes inputs
    for _ in range(number):
        lists = {
            kind: tuple(some_rule(chance) for _ in range(chance.randint(0, most)))
            for kind, most in (("allow", 4), ("ask", 1), ("deny", 1))
        }
        tool = chance.choice(["Edit", "Edit", "Read", "Run", "Board"])
        yield tool, some_path(chance, pattern=False), lists


@claim("permissions:rows")
@pytest.mark.parametrize(
    "number", [1_000, pytest.param(10_000, marks=pytest.mark.soak)]
)
def test_nothing_is_allowed_that_a_second_way_would_not_allow(number: int) -> None:
    allowed = 0
    for tool, what, lists in some_acts(number, seed=number):
        use = ToolUse(tool=tool, specifier=what)
        ruling = check_permission(use, Permissions(**lists)).ruling
        if ruling is Ruling.ALLOW:
            allowed += 1
            assert may_be_allowed(tool, what, lists), (tool, what, lists)
    assert allowed > number / 20


@claim("permissions:rows")
@pytest.mark.parametrize(
    "number", [2_000, pytest.param(20_000, marks=pytest.mark.soak)]
)
def test_a_pattern_matches_exactly_what_a_second_way_finds(number: int) -> None:
    chance, found = Random(number), 0  # noqa: S311  same
    for _ in range(number):
        parts = [
            "".join(chance.choices("aab*?", k=chance.randint(1, 5))) for _ in "abc"
        ]
        parts[chance.randrange(3)] = chance.choice(["**", parts[0]])
        pattern = chance.choice(["", "/", "**/"]) + "/".join(
            parts[: chance.randint(1, 3)]
        )
        names = [
            "".join(chance.choices("ab", k=chance.randint(1, 6))) for _ in range(4)
        ]
        path = "/".join(names[: chance.randint(1, 4)])
        use, rule = ToolUse(tool="Edit", specifier=path), f"Edit({pattern})"
        is_allowed = matches("Edit", pattern, path, above=False)
        is_denied = matches("Edit", pattern, f"{path}/", above=True)
        found += is_allowed
        ruling = check_permission(use, Permissions(allow=(rule,))).ruling
        assert (ruling is Ruling.ALLOW) is is_allowed, (pattern, path)
        ruling = check_permission(use, Permissions(deny=(rule,))).ruling
        assert (ruling is Ruling.DENY) is is_denied, (pattern, path)
    assert number / 20 < found < number / 2


@claim("permissions:rows")
@pytest.mark.parametrize(
    "number", [1_000, pytest.param(10_000, marks=pytest.mark.soak)]
)
def test_letters_by_chance_are_never_a_rule_that_allows(number: int) -> None:
    chance = Random(number)  # noqa: S311  same
    letters = "EditRead()*/.[]{}!,\\ \0\n~:?\u0301\u200b\u0131\uff0a\U0001f600"
    for _ in range(number):
        rule = "".join(chance.choices(letters, k=chance.randint(0, 12)))
        rule = chance.choice(["", "Edit", "Edit(", "Edit(a"]) + rule
        what = "".join(chance.choices("ab/.*Edit \u0131", k=chance.randint(1, 8)))
        use = ToolUse(tool="Edit", specifier=what)
        ruling = check_permission(use, Permissions(allow=(rule,)))
        if rule_problem(rule) and ruling.file:
            assert ruling.ruling is not Ruling.ALLOW, (rule, what)
        denied = check_permission(use, Permissions(deny=(rule,), allow=("Edit",)))
        if ruling.ruling is Ruling.ALLOW and ruling.file:
            assert denied.ruling is Ruling.DENY, (rule, what)
