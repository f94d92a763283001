"""The register of promises: what we say the program does, and where we said it.

A promise without a test fails `make check`, and so does a test that names no promise. A known gap is
an entry with a reason in `gap`; it is the only promise that needs no test.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest


class Claim(NamedTuple):
    """A promise: `source` says where it was made, `gap` why it is not kept yet."""

    id: str
    source: str
    sentence: str
    gap: str = ""


def claim(id_: str) -> Callable[..., Any]:
    """Mark a test as the proof of the promise `id_`."""
    return pytest.mark.claim(id_)


HOUSE = [
    Claim(
        "house:run-ids",
        "DESIGN 2",
        "An id says which run an effect or a child run belongs to, and which root.",
    ),
    Claim(
        "house:layers",
        "DESIGN 1",
        "Imports point down only, and every folder has its layer.",
    ),
    Claim(
        "house:pure-domain",
        "DESIGN 1",
        "The domain has no I/O, no clock, no randomness, no logging.",
    ),
    Claim(
        "house:clock",
        "DESIGN 1",
        "Only the clock adapter reads the time; no query asks the database for it.",
    ),
    Claim(
        "house:sql",
        "issue 13",
        "Queries are named, stand in .sql files, and nobody else knows SQL or SQLite.",
    ),
    Claim(
        "house:size",
        "DESIGN 1",
        "The heart stays under 5,000 lines of code and any room under 3,000, at 9 tokens"
        " a line at most; modules of 400, functions of 50 (decision 012).",
    ),
    Claim(
        "house:faces",
        "DESIGN 1",
        "The faces import neither adapters nor SQL nor one another.",
    ),
    Claim("house:imports", "DESIGN 1", "Help and the domain load nothing heavy."),
    Claim(
        "house:claims", "STYLE", "Every promise has a test and every test a promise."
    ),
    Claim(
        "house:exports",
        "STYLE",
        "A room exports names, and tests import those and not its modules.",
    ),
    Claim(
        "house:ends",
        "STYLE",
        "The tests end, in the background of a script too, and one that does not is named.",
    ),
]

COMPANY = [
    Claim(
        "company:headers-written",
        "FORMATS 10",
        "A header that we write says, when it is read, what was written.",
    ),
    Claim(
        "company:plain-yaml",
        "FORMATS 0.4, 11.17-18",
        "Text in YAML stays text, every key knows its line, and what refers or runs deep is refused.",
    ),
    Claim(
        "company:headers",
        "FORMATS 11",
        "Every odd header of real files is read, or refused with its line.",
    ),
    Claim(
        "company:repair",
        "FORMATS 10",
        "A header that is not YAML is repaired without inventing anything, one diagnostic each.",
    ),
    Claim(
        "company:survives",
        "DESIGN 3",
        "No file crashes the loader or takes another down.",
    ),
    Claim(
        "company:agents",
        "FORMATS 2",
        "An agent has every column of the table, and its defaults.",
    ),
    Claim(
        "company:prompts",
        "FORMATS 4",
        "A prompt has its keys, and says which inputs and files it wants.",
    ),
    Claim(
        "company:skills",
        "FORMATS 8",
        "A skill has its keys; names that are not valid everywhere are told.",
    ),
    Claim(
        "company:instructions",
        "FORMATS 3",
        "Instructions go with the files their patterns say; the constitution has two stand-ins.",
    ),
    Claim(
        "company:servers", "FORMATS 5", "MCP configurations are read, never started."
    ),
    Claim("company:hooks", "FORMATS 9", "Hooks are kept as data and never run."),
    Claim(
        "company:tools",
        "FORMATS 7",
        "Foreign tool names become ours; unknown ones never grant anything.",
    ),
    Claim(
        "company:labels",
        "FORMATS 6",
        "A foreign model label asks for a tier, never for heavy.",
    ),
    Claim(
        "company:own-keys",
        "DESIGN appendix A",
        "A mistake under agentco: leaves the file out and suggests the key meant.",
    ),
    Claim(
        "company:clashes",
        "FAULTS 3, 10, 16",
        "Names taken twice, look-alikes and prompts for nobody are told on every file concerned.",
    ),
    Claim(
        "company:secrets",
        "FAULTS 55",
        "A key in a company file is told and never shown.",
    ),
    Claim(
        "company:discovery",
        "FORMATS 1, FAULTS 9, 56",
        "Files are found in their places only, and no link leads out.",
    ),
    Claim("company:corpus", "FORMATS 11", "No real file loses its metadata silently."),
]

MEMORY = [
    Claim(
        "memory:lines",
        "DESIGN 4",
        "Lines are read and written in the reference server's form.",
    ),
    Claim(
        "memory:bad-lines", "FAULTS 26-34", "A bad line is never fatal and never lost."
    ),
    Claim(
        "memory:conflict-markers",
        "FAULTS 36",
        "Git's conflict markers stop reading, with their lines.",
    ),
    Claim(
        "memory:merge",
        "DESIGN 4",
        "Lines of one name merge, and no order of appends changes what is known.",
    ),
    Claim(
        "memory:values",
        "DESIGN B",
        "Observations `Key: value` can be asked for by their key.",
    ),
    Claim(
        "memory:search",
        "DESIGN 4",
        "Every word must occur; name over type over observation, then recency.",
    ),
    Claim(
        "memory:repair",
        "DESIGN 4",
        "Repair drops nothing, and repairing twice is repairing once.",
    ),
    Claim("memory:undo", "DESIGN 4", "What was deleted comes back as it was."),
    Claim(
        "memory:retention",
        "DESIGN 4",
        "Only standups older than their days go, by the date in the name.",
    ),
    Claim(
        "memory:append",
        "DESIGN 4",
        "Adding appends whole lines; what was acknowledged is on the disk.",
    ),
    Claim(
        "memory:tail",
        "DESIGN 4",
        "Only the appended tail is read, everything after a rewrite.",
    ),
    Claim(
        "memory:rewrite",
        "DESIGN 4",
        "A rewrite keeps mode, symlink, unknown records and foreign changes.",
    ),
    Claim(
        "memory:crash",
        "FAULTS 42",
        "A kill at any moment loses no acknowledged line and leaves no litter.",
    ),
    Claim("memory:writers", "DESIGN 14", "Processes that write at once lose nothing."),
    Claim(
        "memory:lock",
        "FAULTS 43",
        "A dead holder's lock is free; a live one is named by its pid.",
    ),
    Claim(
        "memory:unreadable",
        "FAULTS 44",
        "A file that cannot be read or written is an error, never replaced.",
    ),
    Claim(
        "memory:full-disk", "FAULTS 87", "A full disk changes nothing and exits with 5."
    ),
    Claim(
        "memory:commands",
        "DESIGN 12",
        "The founder shows, searches, adds, relates, deletes and undoes.",
    ),
    Claim(
        "memory:safe-screen",
        "FAULTS 70",
        "Escape sequences in the memory never reach the terminal.",
    ),
]

BOARD: list[Claim] = [
    Claim(
        "board:bytes",
        "DESIGN 5",
        "Reading a board loses no byte, and a change touches only its own lines.",
    ),
    Claim(
        "board:tasks",
        "DESIGN 5",
        "Columns, tasks and tokens are what a reader of the Markdown sees.",
    ),
    Claim(
        "board:problems",
        "FAULTS 45-47",
        "What cannot be read is named with its line, and no task is lost.",
    ),
    Claim(
        "board:other-dates",
        "cases 22",
        "Due dates are read as other programs write them; one that is not read is told.",
    ),
    Claim(
        "board:names",
        "DESIGN 12",
        "A task is named by its id or a part of its title, never by a guess.",
    ),
    Claim(
        "board:add",
        "DESIGN 5",
        "A new task gets a free id; its title is text, whatever it contains.",
    ),
    Claim(
        "board:done",
        "DESIGN 5",
        "Done ticks in place with the day, and undo takes exactly that away.",
    ),
    Claim(
        "board:move",
        "DESIGN 5",
        "A task moves with all that belongs to it, and back to the same bytes.",
    ),
    Claim(
        "board:edits",
        "DESIGN 5",
        "One field of a task is written where it stands; what would be read otherwise is refused.",
    ),
    Claim(
        "board:chronic",
        "DESIGN 5",
        "Two missed dates need a decision; each date counts once, ever.",
    ),
    Claim(
        "board:founder-wins",
        "FAULTS 48",
        "What the founder wrote meanwhile is merged or kept, never lost.",
    ),
    Claim(
        "board:atomic",
        "DESIGN 5",
        "A kill, a full disk or many writers lose nothing on the board.",
    ),
    Claim(
        "board:screen",
        "FAULTS 50, 70",
        "The board reads well at 80 columns, is never cut silently, and is safe.",
    ),
    Claim(
        "board:cause-remembered",
        "DESIGN 5",
        "`board decide --cause` stores a decision in the memory.",
    ),
    Claim(
        "board:commands",
        "DESIGN 12",
        "Each board command says what changed and how to take it back.",
    ),
]

COMPANY_MORE = [
    Claim(
        "company:includes",
        "FAULTS 23",
        "CLAUDE.md includes files of the company; a circle is refused by name.",
    ),
    Claim(
        "company:no-leaks",
        "FAULTS 55",
        "A key in any committed file of the company is told, never shown.",
    ),
]

SETTINGS = [
    Claim(
        "settings:whole-schema",
        "DESIGN A",
        "Every key of appendix A is read and checked from the first day.",
    ),
    Claim(
        "settings:defaults",
        "FAULTS 53",
        "Every key is optional, and the default caps hold without one.",
    ),
    Claim(
        "settings:mistakes",
        "FAULTS 51, 52",
        "Every mistake is found at once, with its line and what to write.",
    ),
    Claim(
        "settings:newer-version",
        "FAULTS 59",
        "Settings for a newer version are refused.",
    ),
]

STANDUP = [
    Claim(
        "schedule:standard-cron",
        "DESIGN 10",
        "Schedules are standard cron in the prompt's zone, each slot once.",
    ),
    Claim(
        "schedule:every-clock-change",
        "issue 14",
        "However a zone sets its clocks, each time that the wall shows is one slot.",
    ),
    Claim(
        "schedule:quarantined",
        "FAULTS 17",
        "A schedule that cannot be read is named; its prompt still runs by hand.",
    ),
    Claim(
        "deadline:open",
        "DESIGN B",
        "The open occurrence is the first after the last one that is done.",
    ),
    Claim(
        "deadline:never-silent",
        "cases 19 and 22",
        "A rule that skips months is told, and so is what the memory calls due in words only.",
    ),
    Claim(
        "deadline:shift",
        "DESIGN B",
        "A deadline moves to the next working day where it says so, never otherwise.",
    ),
    Claim(
        "standup:facts", "DESIGN B", "Each fact of the standup follows its definition."
    ),
    Claim(
        "standup:prompts",
        "DESIGN B",
        "A prompt is overdue when its first slot after the last good run is past.",
    ),
    Claim(
        "standup:freshness",
        "DESIGN B",
        "A fact's age counts from verified, else at, else its own words.",
    ),
    Claim(
        "standup:document",
        "DESIGN B, C",
        "standup --json has the documented keys and shapes.",
    ),
    Claim(
        "standup:pure-plan",
        "DESIGN 1",
        "The same facts give the same plan, and every line names source and rule.",
    ),
    Claim(
        "standup:fails-alone",
        "DESIGN 6",
        "A collector that breaks or hangs takes no other down.",
    ),
    Claim(
        "standup:missed-once",
        "DESIGN B",
        "missed: never counts a date twice, however often standup runs.",
    ),
    Claim(
        "standup:stored",
        "DESIGN 6",
        "The plan is remembered; a second standup replaces the first, old ones go.",
    ),
    Claim(
        "standup:ahead",
        "issue 17",
        "--date and --tomorrow show a day as of its end; a future day changes nothing.",
    ),
    Claim(
        "standup:screen",
        "issue 17",
        "The standup fits the screen, a line for each item; today is never cut by what is late.",
    ),
    Claim(
        "standup:commands",
        "issue 17",
        "The commands of the plan are right: each can be run as it stands.",
    ),
    Claim("screen:readable", "issue 17", "Colours can be read on white and on black."),
    Claim(
        "screen:cells",
        "issue 17",
        "Text is cut and wrapped between words, in cells of the terminal.",
    ),
    Claim(
        "screen:empty",
        "issue 17",
        "What is empty says so, and how to begin, in lines that fit the screen.",
    ),
    Claim(
        "screen:pager",
        "issue 17",
        "What is longer than the screen is paged there only.",
    ),
    Claim(
        "lessons:answered",
        "issue 17",
        "A lesson is answered by a command, and opened again.",
    ),
    Claim(
        "deadlines:done",
        "issue 17",
        "A deadline is done by a command; an early one is asked.",
    ),
    Claim("standup:dry-run", "DESIGN 6", "--dry-run changes no file."),
    Claim("standup:free", "DESIGN 6", "A standup wakes no model and says so."),
]

COMMANDS = [
    Claim(
        "init:fresh",
        "issue: the sample company",
        "init writes a company that stands up at once, with dates of the day.",
    ),
    Claim(
        "init:own",
        "issue: your company, not ours",
        "init writes the founder's own company: no task, fact, person or figure of the sample.",
    ),
    Claim(
        "init:asks",
        "issue: your company, not ours",
        "At a terminal init asks five things, elsewhere none, and first about files that are there.",
    ),
    Claim(
        "init:mcp",
        "issue: an existing company is taken as it is",
        "init names the memory in editors' MCP configurations and loses nothing that they hold.",
    ),
    Claim(
        "init:found",
        "issue: an existing company is taken as it is",
        "init says what it found, and which agent hands out work and which one improves.",
    ),
    Claim(
        "init:memory-in-place",
        "issue: an existing company is taken as it is",
        "A memory that a folder has is used where it lies; one outside it is named, never linked.",
    ),
    Claim(
        "init:adopts",
        "DESIGN 3",
        "init adopts a repository and never overwrites a file.",
    ),
    Claim(
        "init:team",
        "issue: the sample company",
        "The core team has no task, prompt or setting of a missing department.",
    ),
    Claim(
        "cli:root",
        "DESIGN 3",
        "The company is named, in the environment, or found above; else exit code 3.",
    ),
    Claim(
        "cli:not-adopted",
        "DESIGN 3",
        "Nothing is written in a company before its settings file exists.",
    ),
    Claim(
        "cli:errors",
        "DESIGN 12",
        "A failure is two lines and an exit code, or one document; never a traceback.",
    ),
    Claim(
        "commands:examples",
        "DESIGN 12",
        "The examples of every help page stand line by line and can be pasted.",
    ),
    Claim(
        "cli:streams", "DESIGN 12", "stdout carries the answer, stderr everything else."
    ),
    Claim(
        "files:encodings",
        "issue 17",
        "A file is read in the encoding it has, or not at all, before anybody is asked.",
    ),
    Claim(
        "papers:kinds",
        "issue: hands",
        "PDF, spreadsheets, mail and HTML are read as text; what cannot be read is named, with"
        " what to do.",
    ),
    Claim(
        "papers:tables",
        "issue: hands",
        "What reads as a table can be calculated with, by its sheet or page.",
    ),
    Claim(
        "papers:hostile",
        "issue: hands",
        "A paper that is made to hang, to swell or to break ends within its limits, with a line.",
    ),
    Claim(
        "papers:imports",
        "issue: hands",
        "The libraries of papers are loaded by the process that reads one, which has no keys.",
    ),
    Claim(
        "papers:mail",
        "issue: hands",
        "What a mail says is its sender's word, and never the founder's.",
    ),
    Claim(
        "cli:completion",
        "issue 17",
        "The shell completes commands and the names of agents, prompts, tasks, runs and memory;"
        " none of them can run anything.",
    ),
    Claim(
        "cli:new",
        "issue 17",
        "new writes an agent, prompt or skill that check has nothing to say about, where the"
        " company has its others, and never over a file or a name that is there.",
    ),
    Claim(
        "cli:models-add",
        "issue 17",
        "models add writes a model into the settings in any layout, keeps every comment and says"
        " what they said before, or changes nothing.",
    ),
    Claim(
        "cli:chat",
        "DESIGN 12",
        "A chat's turns are runs that continue one another; Ctrl-C ends a turn, Ctrl-D the chat,"
        " and without a terminal each line is a turn and stdout has the deliverables.",
    ),
    Claim(
        "cli:documents",
        "DESIGN C",
        "Every --json is one document with the documented keys.",
    ),
    Claim(
        "cli:escapes",
        "FAULTS 70, 13",
        "No escape sequence of a file reaches the terminal.",
    ),
    Claim(
        "cli:stays-inside",
        "DESIGN 3",
        "Nothing outside the company is written, whatever its files say.",
    ),
    Claim(
        "cli:no-hang",
        "FAULTS",
        "No file of a repository, and no answer of a model, makes a command wait for ever.",
    ),
    Claim(
        "cli:exit-codes",
        "DESIGN 12",
        "Signals and closed streams end with the usual codes.",
    ),
    Claim(
        "cli:no-colour",
        "issue: the screen",
        "No colour when piped, 80 columns at least.",
    ),
    Claim(
        "check:whole-company",
        "issue: company files",
        "check finds what is wrong between files, with file, line and hint.",
    ),
    Claim(
        "check:exit-codes",
        "DESIGN 12",
        "check ends with 3 for an error, 1 for a warning under --strict, else 0.",
    ),
    Claim(
        "show:origins",
        "issue: company files",
        "show names the line each value came from.",
    ),
    Claim(
        "template:clean",
        "issue: the sample company",
        "The sample company has no warning, and its facts name their date.",
    ),
    Claim(
        "template:one-source",
        "issue: your company, not ours",
        "The sample's roles, prompts and skills are the templates of everybody's company, filled in.",
    ),
    Claim(
        "template:prompts",
        "issue: the sample company",
        "The sample's prompts call no reviewer by their own words, and need no missing tool.",
    ),
]

MODELS = [
    Claim(
        "models:offers",
        "DESIGN 7",
        "A tier is the founder's list, each model with its address and price.",
    ),
    Claim(
        "models:unable",
        "FAULTS 54",
        "What cannot be spoken to says why, and what to write instead.",
    ),
    Claim(
        "models:addresses",
        "FAULTS 85",
        "Only https and this machine are asked, and no spelling hides another.",
    ),
    Claim(
        "models:prices",
        "DESIGN 7, FAULTS 60",
        "The founder's price over the shipped; local is free.",
    ),
    Claim(
        "models:speaks",
        "DESIGN 7",
        "Every OpenAI-compatible server is spoken to: text, tools, usage.",
    ),
    Claim(
        "models:refused",
        "DESIGN 7",
        "A status becomes words that say what to do, and how long to wait.",
    ),
    Claim(
        "models:context",
        "DESIGN 7",
        "How much a model reads is the founder's word, what its server says, or the table's.",
    ),
    Claim(
        "models:truncated",
        "issue 16",
        "An answer to a part of the prompt is paid, and is no answer; the founder hears what to set.",
    ),
    Claim(
        "models:max-output",
        "issue 16",
        "An answer may be as long as agent, model or tier say, and no longer than a model writes.",
    ),
    Claim(
        "models:made-up",
        "issue 16",
        "A small model that looked nothing up, and answers with JSON or with what no source has,"
        " is asked once more and told why.",
    ),
    Claim(
        "models:goes-on",
        "issue 16",
        "An answer that is cut goes on, at most three times, joined without a seam and paid once.",
    ),
    Claim(
        "models:reasoning",
        "issue 16",
        "How much a model thinks is the agent's word, else the model's, in the wire's own fields.",
    ),
    Claim(
        "models:fits",
        "issue 16",
        "What a model does not take is shortened by rule and told, never the task or a rule.",
    ),
    Claim(
        "models:brief",
        "issue 16",
        "A model on the founder's own machine is told what it needs in 2,500 tokens, the same first.",
    ),
    Claim(
        "models:longest-call",
        "issue 14",
        "A call ends when it takes too long, however steadily its answer trickles.",
    ),
    Claim(
        "models:late-listener",
        "issue 14",
        "An answer that arrived while this process was busy is not given up as silence.",
    ),
    Claim(
        "models:whole",
        "FAULTS 75, 76",
        "What is cut, stalls or is garbled is a failure, never an answer.",
    ),
    Claim(
        "models:replays",
        "issue 16",
        "Recorded answers of the servers that people use most come out as they were meant.",
    ),
    Claim(
        "models:unmarked",
        "issue 16",
        "A thought whose opening mark is missing is not drawn as the draft, within a bound.",
    ),
    Claim(
        "live:block",
        "issue 17.4",
        "While models work, a terminal shows in one block who is asked, for how long and how much,"
        " which tools, which reviews are open and what reviewers said.",
    ),
    Claim(
        "live:restored",
        "issue 17.4",
        "The terminal is as before, whatever ends the command or lets it sleep.",
    ),
    Claim(
        "live:calm",
        "issue 17.4",
        "The block fits the screen, is drawn at most eight times a second, and only when it changes.",
    ),
    Claim(
        "live:text-once",
        "issue 17.4",
        "The text stands once on the screen, and alone on stdout.",
    ),
    Claim(
        "live:lines",
        "issue 17.4",
        "Where lines cannot be rewritten each step is a line on stderr, once.",
    ),
    Claim(
        "live:watch",
        "issue 17.4",
        "runs watch shows the work of another process until it ends, and has no hand in it.",
    ),
    Claim(
        "cli:markdown",
        "issue 17.4",
        "Markdown is drawn at a terminal with nothing left out, and stands as it is elsewhere.",
    ),
    Claim(
        "cli:local-times",
        "issue 17.6",
        "A screen shows times where the company is, and whose they are; documents have UTC.",
    ),
    Claim(
        "cli:deliverable-alone",
        "issue 17.6",
        "runs show --text prints the deliverable alone, as it was written.",
    ),
    Claim(
        "cli:thoughts",
        "issue 16",
        "--thoughts shows on stderr what a model thinks; it stands nowhere else.",
    ),
    Claim("models:usage", "FAULTS 77", "Usage that is missing or cannot be is none."),
    Claim(
        "models:cost",
        "DESIGN 7",
        "What an answer says that it cost is compared with what is booked, and told.",
    ),
    Claim(
        "models:secret",
        "DESIGN 9",
        "A key is in no error, not even when the server repeats it.",
    ),
    Claim(
        "models:cancelled", "DESIGN 7", "Whoever cancels a call closes its connection."
    ),
    Claim("models:many", "DESIGN 14", "Two hundred calls wait at once."),
    Claim(
        "plans:offers",
        "DESIGN 7",
        "A model of a plan is named and priced like any other, and needs its program.",
    ),
    Claim(
        "plans:one-call",
        "DESIGN 7",
        "A program of a plan makes one call, carries out nothing, and counts.",
    ),
    Claim(
        "plans:nothing-of-theirs",
        "DESIGN 7",
        "A program gets no key, and nothing of the user or a project is in its call.",
    ),
    Claim(
        "plans:failures",
        "DESIGN 7",
        "What a program says is wrong becomes words that say what to do.",
    ),
    Claim(
        "plans:limit",
        "DESIGN 7",
        "A limit of a plan that is reached is busy until its reset.",
    ),
    Claim(
        "plans:leave",
        "DESIGN 7",
        "The founder's share of a plan's window is left alone.",
    ),
    Claim(
        "plans:apart",
        "DESIGN 7",
        "What a plan answered is booked at list price, marked, and shown apart.",
    ),
    Claim(
        "plans:tokens",
        "DESIGN 7",
        "A model answers with so many tokens a day and no more, whatever they cost.",
    ),
    Claim(
        "plans:shown",
        "DESIGN 7",
        "trust and doctor show a plan's program, its version, whose login, and its windows.",
    ),
    Claim(
        "plans:ends",
        "DESIGN 7",
        "A program ends with its call, with the run, and with whoever started it.",
    ),
    Claim(
        "models:scripted",
        "DESIGN 7",
        "A script answers the same in any process, and only from the company.",
    ),
    Claim(
        "models:wire",
        "STYLE",
        "The server that the tests ask speaks the real wire, and its bill is true.",
    ),
]

CLAUDE = [
    Claim(
        "claude:speaks",
        "ISSUE 6.1",
        "Anthropic is spoken to by its SDK: streaming, tools, system text, no foreign key.",
    ),
    Claim(
        "claude:rules",
        "ISSUE 6.1",
        "Whatever was said, a request keeps the rules of Anthropic's protocol.",
    ),
    Claim(
        "claude:must",
        "ISSUE 6.3",
        "A call that must come is demanded, as far as a model can be forced.",
    ),
    Claim(
        "claude:cache",
        "ISSUE 6.1",
        "What the next call repeats is cached, and nothing else.",
    ),
    Claim(
        "claude:bill",
        "ISSUE 6, FAULTS 77",
        "What Anthropic bills, cache included, is what we count.",
    ),
    Claim(
        "claude:whole",
        "FAULTS 74-76",
        "What is cut, stalls or is garbled is lost, an overload is busy.",
    ),
    Claim(
        "claude:refused",
        "ISSUE 6.1",
        "A status becomes words that say what to do, is asked once and shows no key.",
    ),
    Claim(
        "claude:cancelled",
        "DESIGN 7",
        "Whoever cancels a call to Anthropic closes its connection.",
    ),
    Claim("claude:many", "ISSUE 6", "Fifty calls to Anthropic wait at once."),
    Claim(
        "protocol:demanded",
        "ISSUE 6.3",
        "A reviewer that decides nothing is asked once more, in a form that is checked.",
    ),
    Claim(
        "claude:ledger",
        "ISSUE 6",
        "Whatever a provider with a cache answers, its bill is our ledger.",
    ),
    Claim("claude:start", "ISSUE 6", "Nothing asks the network while it is imported."),
]

DOCS = [
    Claim(
        "docs:transcripts",
        "STYLE",
        "Console blocks in the docs are what the screen shows.",
    ),
    Claim("docs:cli", "STYLE", "docs/cli.md is what the program says."),
    Claim(
        "docs:invariants",
        "DESIGN 1",
        "The six invariants name the file that owns them and the proof.",
    ),
    Claim("docs:self-contained", "STYLE", "Links between pages lead somewhere."),
    Claim(
        "house:one-way-out",
        "DESIGN 1",
        "Only engine/perform and its call of a model use the ports that act, for a proposal too.",
    ),
    Claim(
        "house:no-client-at-rest",
        "DESIGN 13",
        "What needs no model loads no client of one.",
    ),
]

GOVERNANCE = [
    Claim(
        "trust:reach",
        "DESIGN 3",
        "All that a company reaches and spends is a line, and no change of one goes unseen.",
    ),
    Claim(
        "trust:words",
        "DESIGN 3",
        "A change of what is trusted is told in words: the old value and the new one.",
    ),
    Claim(
        "trust:one-read",
        "DESIGN 3",
        "What was trusted is what is used: the files are read once for a command.",
    ),
    Claim(
        "trust:untrusted",
        "DESIGN 3",
        "A hostile repository starts nothing, reaches nobody, and holds up no command.",
    ),
    Claim(
        "trust:gate",
        "DESIGN 3",
        "An untrusted or changed folder is refused with 6 and `agentco trust`.",
    ),
    Claim(
        "trust:asked",
        "DESIGN 3",
        "Only a yes at a terminal, or the exact hash, trusts a folder.",
    ),
    Claim(
        "trust:file",
        "DESIGN 3",
        "A trust file that others could have written is not believed, and kept.",
    ),
    Claim(
        "trust:states",
        "DESIGN 2",
        "A state that this user's agentco did not make in this folder is unknown.",
    ),
    Claim(
        "trust:no-git",
        "DESIGN 3",
        "What git tracks and leaves out is read without git, and as git says it.",
    ),
    Claim(
        "trust:own-folder",
        "DESIGN 2",
        "No command works with a .agentco that is a link, a repository, another's, or tracked.",
    ),
    Claim(
        "trust:no-home",
        "FAULTS 56",
        "Without a home only trust is missing, and it says so in two lines.",
    ),
    Claim(
        "trust:init", "DESIGN 3", "init trusts what it creates, never what it adopts."
    ),
    Claim(
        "permissions:defaults",
        "DESIGN 9",
        "Without rules an agent reads, remembers and drafts; the rest asks.",
    ),
    Claim(
        "permissions:includes",
        "DESIGN 9",
        "What a file pulls in with @path is what the agent itself may read.",
    ),
    Claim(
        "permissions:ignored",
        "DESIGN 9",
        "What git ignores by any of its ways is closed, whatever a repository says.",
    ),
    Claim(
        "permissions:closed-links",
        "DESIGN 9",
        "Neither a link nor a hard link to what is closed opens it.",
    ),
    Claim(
        "permissions:shown",
        "DESIGN 9, FAULTS 57",
        "policy names the ruling on an act, the rule and its line; --table has all rules.",
    ),
    Claim(
        "permissions:examples",
        "DESIGN 9",
        "A rule that is not as its own examples say is an error when it is loaded.",
    ),
    Claim(
        "permissions:rows",
        "DESIGN 9",
        "A rule means what a table of 150 rows says; none made by chance allows wrongly.",
    ),
    Claim(
        "permissions:never",
        "DESIGN 9",
        "What is denied to agents no rule lifts, however the path is spelt.",
    ),
    Claim(
        "permissions:always-asked",
        "DESIGN 9, FAULTS 12",
        "What makes the company is asked, whatever the rules.",
    ),
    Claim(
        "permissions:rules",
        "DESIGN 9, FAULTS 57",
        "Deny over ask over allow, however special a rule is.",
    ),
    Claim(
        "permissions:narrowing",
        "FAULTS 14",
        "What an agent allows itself counts for nothing.",
    ),
    Claim(
        "permissions:unreadable",
        "FAULTS 58",
        "A rule that cannot be read allows nothing, and forbids its whole tool.",
    ),
    Claim(
        "permissions:laws",
        "DESIGN 9",
        "No deny, and nothing of an agent's own, makes anything more allowed.",
    ),
    Claim(
        "secrets:redacted",
        "DESIGN 9, FAULTS 41",
        "No named value and no key of a known form stays.",
    ),
]

GIVEN = [
    Claim(
        "given:order",
        "FORMATS 3, issue: what an agent is given",
        "Constitution, rules, role and skills come first, then files, the date and the task; nothing twice.",
    ),
    Claim(
        "given:stable",
        "issue: what an agent is given",
        "Task, date, files and history leave the first message as it was, byte for byte.",
    ),
    Claim(
        "given:rules",
        "FORMATS 3, 4.3",
        "Rules come by file, by folder and by link, never for an agent they exclude.",
    ),
    Claim(
        "given:skills",
        "FORMATS 8.2",
        "An agent's own skills come in full once, the others by name and description.",
    ),
    Claim(
        "given:data",
        "FAULTS 68",
        "No text of a file can end its quotation or pose as somebody else.",
    ),
    Claim(
        "tokens:estimate",
        "DESIGN 7",
        "Before the first count tokens are estimated within a quarter; a reservation adds to that.",
    ),
    Claim(
        "given:too-large",
        "FAULTS 25, FORMATS 4.3",
        "What does not fit is an error that names the largest parts; nothing is cut.",
    ),
    Claim(
        "given:by-hash",
        "FAULTS 11",
        "What a run was given is known by hash, file by file.",
    ),
    Claim(
        "given:empty",
        "FORMATS 11.32",
        "An empty role, prompt or task is an error before a model is asked.",
    ),
    Claim(
        "granted:tools",
        "FORMATS 0.8, 4.1",
        "The prompt's tools count before the agent's; a mode and disallowed tools only take away.",
    ),
    Claim(
        "granted:tier",
        "FORMATS 6, DESIGN 7",
        "The founder's word, our own keys, then labels choose the tier; no label is ever heavy.",
    ),
    Claim(
        "granted:who",
        "FORMATS 4.1",
        "A prompt is run by the agent it names, else by the orchestrator.",
    ),
    Claim(
        "variables:filled",
        "FORMATS 4.2",
        "Known variables get their values in one pass; everything else stays as it was written.",
    ),
    Claim(
        "variables:missing",
        "FAULTS 15",
        "What nobody gave is told with its default; an unknown name is refused.",
    ),
]

KILLS = [
    Claim(
        "kills:no-kill",
        "DESIGN 2",
        "Without a kill the ledger is the provider's bill, to the micro-dollar.",
    ),
    Claim(
        "kills:nothing-twice",
        "DESIGN 2",
        "A kill at any commit or act leaves a run that goes on: nothing stored is paid again or done twice.",
    ),
    Claim(
        "kills:random",
        "DESIGN 2",
        "However often and whenever a run is killed, it ends the same and the books agree.",
    ),
    Claim(
        "kills:birth",
        "DESIGN 2",
        "A kill while the state is made leaves a folder in which work can begin.",
    ),
    Claim(
        "money:cap",
        "DESIGN 7",
        "Whoever spends at once, one cap is never passed, by ledger or by bill.",
    ),
    Claim(
        "money:waits",
        "DESIGN 7",
        "A call that fits once open ones have settled waits; it is not refused.",
    ),
    Claim(
        "money:dead",
        "DESIGN 7",
        "What a dead process had reserved is spent and in doubt; nobody waits for it.",
    ),
]

RUNS = [
    Claim(
        "runs:pure",
        "DESIGN 1, invariant 3",
        "The same run and event give the same result, and change neither.",
    ),
    Claim(
        "runs:ruled",
        "DESIGN 1, invariant 2",
        "Every attempt is ruled on, and the ruling stored before it is made.",
    ),
    Claim(
        "runs:proposals",
        "DESIGN 1, 4",
        "A proposal is an effect of its run: parked, decided once, carried out as the founder's once.",
    ),
    Claim(
        "state:proposals",
        "DESIGN 2",
        "Open proposals of a state written before are effects once it is opened, and can be decided.",
    ),
    Claim(
        "runs:stored-forms",
        "DESIGN 1, invariant 5",
        "Runs, events and effects are frozen values; their stored forms of the last three releases still load.",
    ),
    Claim(
        "runs:advance",
        "DESIGN 2",
        "Every event in every situation wants exactly what the table says.",
    ),
    Claim(
        "runs:laws",
        "DESIGN 2",
        "Numbers are never used twice, what is over stays so, and no order of results changes what comes next.",
    ),
    Claim(
        "runs:no-storm",
        "FAULTS 65",
        "An answer that is empty, refused or cut is never asked for again.",
    ),
    Claim(
        "runs:caps",
        "DESIGN 7, FAULTS 67",
        "Turns and tool calls never pass their caps; of one answer 16 are taken.",
    ),
    Claim(
        "runs:lost",
        "DESIGN 2",
        "A lost call is made again once; lost twice, it waits until the run is resumed.",
    ),
    Claim(
        "runs:misread",
        "FAULTS 61, 62",
        "A call that cannot be read is told why, once with the schema, and counted.",
    ),
    Claim(
        "runs:head",
        "DESIGN 2",
        "A head stays under 4 KB, whatever models and founders write.",
    ),
    Claim(
        "runs:bare",
        "issue: small models",
        "A call written as bare JSON is one; every other text stays text.",
    ),
    Claim(
        "runs:specs",
        "DESIGN 9",
        "Every tool is told as the JSON schema of exactly what is read.",
    ),
    Claim(
        "runs:transcript",
        "FAULTS 67",
        "Every call of a tool has exactly one reply, in order.",
    ),
    Claim(
        "runs:large-results",
        "DESIGN 7",
        "What is over 8 KB is heard by its head and its handle.",
    ),
    Claim(
        "budget:fitting",
        "DESIGN 7",
        "A call fits, waits or is refused; the words name cap and amounts.",
    ),
    Claim(
        "budget:laws",
        "DESIGN 7",
        "No cap is ever passed; what could fit later waits; answers shorten only as needed.",
    ),
    Claim(
        "budget:cost",
        "DESIGN 7",
        "Costs are whole micro-dollars, rounded up; a reservation has a margin of its own.",
    ),
    Claim(
        "budget:caps",
        "DESIGN 7",
        "A call passes its run, its agent's day, the day and the month.",
    ),
    Claim(
        "budget:warnings",
        "DESIGN 7",
        "At four fifths of a cap the founder is warned, in amounts that people read.",
    ),
    Claim(
        "state:file",
        "DESIGN 2",
        "The state is one file of ours, mode 0600, out of git's sight, under its first name.",
    ),
    Claim(
        "drivers:inside",
        "DESIGN 3",
        "Locks are made and swept in a real folder of the company, and nowhere else.",
    ),
    Claim(
        "drivers:hold",
        "DESIGN 2",
        "However many begin at once, each holds the lock that its name leads to.",
    ),
    Claim(
        "state:threads",
        "DESIGN 2",
        "Any number of threads and openings share a state; nothing is lost.",
    ),
    Claim(
        "state:groups",
        "DESIGN 2",
        "Writes that meet are committed together; one that fails leaves the others.",
    ),
    Claim(
        "state:refused",
        "DESIGN 2, 3",
        "What is no state of ours, or a newer one, is refused in two lines, untouched.",
    ),
    Claim(
        "state:locked",
        "DESIGN 12",
        "A state that somebody else holds is an error, not a hang.",
    ),
    Claim(
        "state:contract",
        "DESIGN 2",
        "Every store answers and changes the same, all or nothing, by the given moment.",
    ),
    Claim(
        "state:disk-full",
        "FAULTS 87",
        "A full disk is exit code 5; what was stored is whole; with room it goes on.",
    ),
    Claim(
        "state:moved",
        "issue 14 C1",
        "A company that was moved keeps its state, once the founder trusts its new place.",
    ),
    Claim(
        "state:copied",
        "issue 14 C1",
        "A copy of a company never works with the state of the first.",
    ),
    Claim(
        "state:gone",
        "issue 14 C1, FAULTS 35",
        "A known state that is gone or replaced is an error that names the backup.",
    ),
    Claim(
        "state:new",
        "issue 14 C1",
        "A known state is followed by a new one only when the founder says so.",
    ),
    Claim(
        "state:backup",
        "issue 14 C1",
        "The state is backed up daily outside its folder, three times, and only whole.",
    ),
    Claim(
        "state:left",
        "issue 14 C3",
        "A state that is moved, deleted or replaced is used no more by who has it open.",
    ),
    Claim(
        "state:reads",
        "issue 14 C4",
        "On a full or read-only disk what only looks works, and so does halt.",
    ),
    Claim(
        "state:bounds",
        "issue 14 C5",
        "Old runs and slots are forgotten by rule; ledger and audit stay.",
    ),
    Claim(
        "halt:kept",
        "issue 14 C1",
        "A halt is kept outside the company as well, and holds whatever it lost.",
    ),
    Claim(
        "runs:drive",
        "DESIGN 2",
        "A run is driven to its end; what is stored is never bought or done again.",
    ),
    Claim(
        "runs:children",
        "DESIGN 2, 7",
        "A child's answer, or why there is none, is what its parent hears.",
    ),
    Claim(
        "runs:driver",
        "DESIGN 2",
        "One process drives a run, from its beginning to its end, under its name.",
    ),
    Claim(
        "runs:founder",
        "DESIGN 9",
        "What waits for the founder waits until it is decided, and is done once.",
    ),
    Claim(
        "runs:cancel",
        "DESIGN 9",
        "A cancelled run ends for good; what was under way is in doubt.",
    ),
    Claim(
        "runs:halt",
        "DESIGN 9",
        "A halt stops open calls, starts nothing new, and holds until it is lifted.",
    ),
    Claim(
        "runs:doubt",
        "DESIGN 2, FAULTS 75, 76",
        "What nobody can tell is in doubt, paid for, and settled once.",
    ),
    Claim(
        "runs:retries",
        "DESIGN 7, FAULTS 74, 79",
        "Who is busy or down costs nothing; others, or later tries, answer.",
    ),
    Claim(
        "budget:usage",
        "FAULTS 77",
        "A count that is missing or absurd costs what was reserved.",
    ),
    Claim(
        "budget:prices",
        "FAULTS 60",
        "Without a price a model is not asked; the hint says where to write it.",
    ),
    Claim(
        "budget:ends",
        "DESIGN 7",
        "A run out of budget ends with what it has, and says why.",
    ),
    Claim(
        "taint:runs",
        "DESIGN 9",
        "What a run that read something of others changes outside drafts waits for the founder.",
    ),
    Claim(
        "audit:chain",
        "DESIGN 9",
        "Any change, loss, insertion or swap before the last line is found, at its line.",
    ),
    Claim(
        "audit:tail",
        "DESIGN 9",
        "Lines that were cut off the audit's end are found, up to the last anchor.",
    ),
    Claim(
        "audit:rows",
        "DESIGN 9",
        "A row that was changed past agentco is found, whichever table it stands in.",
    ),
]

TOOLS = [
    Claim(
        "tools:table",
        "issue: tools",
        "One row of one table is all that a tool needs to be known everywhere.",
    ),
    Claim(
        "tools:side-by-side",
        "issue: tools",
        "A tool waits only for what it changes; a slow one delays no other department.",
    ),
    Claim(
        "tools:cancelled",
        "issue: tools",
        "A cancelled tool stops reading at once, and leaves a write whole or not begun.",
    ),
    Claim(
        "tools:files-inside",
        "FAULTS 71",
        "An agent reads nothing outside the company, whatever paths, links, pipes and races there are.",
    ),
    Claim(
        "tools:files-closed",
        "DESIGN 9",
        "Secrets, ignored files and forbidden files stay closed to agents.",
    ),
    Claim(
        "tools:files-window",
        "DESIGN 7",
        "Large files and results are read part by part.",
    ),
    Claim(
        "tools:search",
        "issue: tools",
        "Search finds the lines that hold every word, and says what it left out.",
    ),
    Claim(
        "tools:skill",
        "FORMATS 8.2",
        "A skill is loaded by name with its files, only by agents that have it.",
    ),
    Claim(
        "tools:memory",
        "DESIGN 4",
        "Every line an agent writes says who wrote it, when and in which run.",
    ),
    Claim(
        "tools:governed",
        "DESIGN 4",
        "What code reads is written by an agent only as a proposal, whatever its spelling.",
    ),
    Claim(
        "tools:deletes",
        "DESIGN 4",
        "An agent takes away only what agents wrote and what nobody vouches for.",
    ),
    Claim(
        "memory:rights",
        "DESIGN 4",
        "An agent and an MCP client may delete the same lines, whatever their spelling.",
    ),
    Claim(
        "tools:verified",
        "DESIGN 4",
        "A line is verified when its figures stand in the founder's words.",
    ),
    Claim(
        "tools:untrusted",
        "FAULTS 40, 68",
        "What nobody vouches for is shown as data, apart from the rest.",
    ),
    Claim("tools:secrets", "FAULTS 41", "No tool writes a key down."),
    Claim("tools:once", "DESIGN 2", "What is done again after a crash is done once."),
    Claim(
        "tools:board",
        "DESIGN 5",
        "An agent changes the tasks of the board that it names, for owners that exist.",
    ),
    Claim(
        "tools:board-together",
        "DESIGN 5",
        "Several changes of the board are made as one edit or not at all, like one by one.",
    ),
    Claim(
        "tools:board-shown",
        "DESIGN 9",
        "Each change of the board is asked about, told and kept as the lines that change.",
    ),
    Claim(
        "tools:board-rights",
        "DESIGN 9",
        "To delete a task, or change one of others, is asked unless a rule allows it.",
    ),
    Claim(
        "tools:edit",
        "issue 18",
        "A file is edited in the one place that was meant, on the version that was read, and keeps"
        " its encoding, mark, line ends and mode.",
    ),
    Claim(
        "tools:deliverable",
        "issue 18",
        "A prompt's deliverable is written where the prompt says, after its reviews, by the rules for"
        " files, and over nothing but what that prompt wrote, which is kept beside it.",
    ),
    Claim(
        "runs:undo",
        "DESIGN 9",
        "agentco undo takes back exactly what a run did and nothing was built on, to the byte; a kill"
        " in its middle leaves old or new, and an undo can be undone.",
    ),
    Claim(
        "tools:versions",
        "DESIGN 9",
        "What a file was before an act, and the board before and after it, is kept before it is"
        " written; nothing of what git ignores, and no key.",
    ),
    Claim(
        "tools:edit-inside",
        "FAULTS 71",
        "An agent writes nothing outside the company, through no link, and loses nobody's file.",
    ),
    Claim(
        "tools:edit-asked",
        "DESIGN 9",
        "What no rule allows is written after a yes to exactly the lines that were shown.",
    ),
    Claim(
        "tools:lesson",
        "DESIGN appendix B",
        "A lesson has the form that the standup and the Improver read.",
    ),
    Claim(
        "tools:told",
        "FAULTS 61, 62",
        "An agent's mistake is told in words; a broken disk is an exception.",
    ),
    Claim(
        "tools:use",
        "DESIGN 9",
        "Every action names the tool and what it is used on, for the rules.",
    ),
    Claim(
        "compute:numbers",
        "issue 18",
        "A number is read as people write it, and refused where it can be two.",
    ),
    Claim(
        "compute:exact",
        "issue 18",
        "Calculations are exact, and stand beside their results.",
    ),
    Claim(
        "compute:dates",
        "issue 18",
        "Days, months and working days are counted by the calendar.",
    ),
    Claim(
        "compute:columns",
        "issue 18",
        "A column of a table that may be read is added up, without its totals.",
    ),
    Claim(
        "grounding:forms",
        "DESIGN 8",
        "A figure, date or amount is the same in every English and Portuguese form, and no digit is passed over.",
    ),
    Claim(
        "grounding:words",
        "DESIGN 8, issue 15",
        "A number in words or other digits is a figure; small everyday counts are none.",
    ),
    Claim(
        "grounding:units",
        "DESIGN 8, issue 15",
        "The same quantity in another unit is the same figure.",
    ),
    Claim(
        "grounding:computed",
        "DESIGN 8, issue 15",
        "A figure that follows from sourced ones beside it is told with its terms; random ones do not.",
    ),
    Claim(
        "grounding:names",
        "DESIGN 8, issue 15",
        "A number that is a name needs no source, and no name hides what is counted.",
    ),
    Claim(
        "grounding:sources",
        "DESIGN 8",
        "A text is grounded when its sources say every figure of it.",
    ),
    Claim(
        "grounding:founders",
        "DESIGN 8",
        "What is read where agents write is no word of the founder.",
    ),
]

DESK = [
    Claim(
        "desk:no-terminal",
        "issue: desk",
        "The founder's acts are functions that need no terminal.",
    )
]
DOCTOR = [
    Claim(
        "doctor:checks",
        "issue: doctor",
        "Every check says how it stands and what to do; what is wrong decides the exit code.",
    ),
    Claim(
        "doctor:no-call",
        "issue: doctor, DESIGN 3",
        "A model is only connected to, and not even that without trust.",
    ),
    Claim(
        "doctor:models",
        "DESIGN 7, FAULTS 54, 60",
        "Per model: configured, able, keyed, priced, reachable.",
    ),
    Claim(
        "doctor:default-caps",
        "FAULTS 53",
        "Without a budget the default caps hold, and doctor says so once.",
    ),
    Claim(
        "doctor:disk",
        "FAULTS 44",
        "A folder that cannot be written is wrong, a network disk a warning.",
    ),
    Claim("doctor:writes-nothing", "issue: doctor", "Doctor changes no file."),
    Claim(
        "demo:story",
        "issue: demo",
        "The story is played by the real program and leaves nothing behind.",
    ),
    Claim(
        "demo:pays-once",
        "issue: demo",
        "What was answered before the crash is neither asked for nor paid again.",
    ),
    Claim(
        "demo:reviews",
        "issue: demo",
        "A draft is blocked, mended and delivered; one that stays blocked is not.",
    ),
]

WORK = [
    Claim(
        "ask:streams",
        "DESIGN 12",
        "stdout carries the deliverable, once; everything else is on stderr.",
    ),
    Claim(
        "ask:document",
        "DESIGN appendix C",
        "However a run ends, its document says so, with the exit code.",
    ),
    Claim(
        "ask:no-model",
        "FAULTS 54",
        "Without a model that can be asked nothing begins, and 4 says what to write.",
    ),
    Claim(
        "ask:untrusted",
        "DESIGN 3",
        "In a folder that is not trusted nothing is asked, sent or decided.",
    ),
    Claim(
        "ask:brought-state",
        "DESIGN 2, 3",
        "A state that came with a folder counts for nothing.",
    ),
    Claim(
        "inbox:decides",
        "DESIGN 9",
        "What waits is decided once, by its own command, and the work goes on.",
    ),
    Claim(
        "run:outcome",
        "DESIGN appendix B",
        "Each run of a prompt leaves one outcome: ok, failed or no-result.",
    ),
    Claim(
        "run:pages",
        "issue 18",
        "What a prompt delivers lies where it says or `--out` does, over nothing else, and is named"
        " afterwards.",
    ),
    Claim(
        "run:inputs",
        "FAULTS 15",
        "Inputs reach the model; a missing one is an error that names it.",
    ),
    Claim(
        "ask:options",
        "DESIGN 12",
        "Files go along, the deliverable goes into a new file, a talk goes on.",
    ),
    Claim(
        "ask:show-prompt",
        "issue: what an agent is given",
        "What is shown is what is sent, and nobody is called.",
    ),
    Claim("ask:budget", "DESIGN 7", "A call that could break the budget is not made."),
    Claim(
        "halt:holds",
        "DESIGN 9",
        "A halt holds for every command until it is lifted, and says since when.",
    ),
    Claim(
        "costs:checked",
        "issue 16",
        "A provider's export is compared with the ledger, and every difference is told.",
    ),
    Claim(
        "costs:stated",
        "DESIGN 7",
        "What answers say they cost is kept, and shown where it is not what is booked.",
    ),
    Claim(
        "costs:sums",
        "DESIGN 7",
        "What costs shows is the ledger, and the ledger is the bill.",
    ),
    Claim(
        "runs:commands",
        "DESIGN 12",
        "Any run can be looked into, ended, settled, verified and learnt from.",
    ),
]

IMPROVER = [
    Claim(
        "protocol:improver",
        "DESIGN 8",
        "Any agent may tell the improver of a gap; its answer is a proposal.",
    )
]

PUBLIC = [
    Claim(
        "public:claims",
        "DESIGN 8",
        "A watched phrase is backed by a LIVE claim with evidence, or worded as a plan.",
    ),
    Claim(
        "public:own-claims",
        "DESIGN 8, issue 15",
        "A denial, a question, a goal and another's product are no claim of ours; in doubt it is one.",
    ),
    Claim(
        "public:measured",
        "issue 15",
        "On labelled texts that were read, 95 of 100 claims and figures that are due are found, and 95 of 100 found are due; on texts that were not, the first holds.",
    ),
    Claim(
        "public:founders-claims",
        "DESIGN 4, 8",
        "A claim that an agent raised itself never counts.",
    ),
    Claim(
        "public:disguise",
        "DESIGN 8",
        "No sign, tag, case, accent or look-alike letter hides a watched phrase.",
    ),
    Claim(
        "public:view",
        "DESIGN 8",
        "What reads the same is judged the same; what is hidden backs nothing.",
    ),
    Claim(
        "public:grounding",
        "DESIGN 8",
        "A figure comes from the founder, a tool or a skill, never from an agent.",
    ),
    Claim(
        "public:freshness",
        "DESIGN 8",
        "A fact older than its type may be backs no figure until it is looked up.",
    ),
    Claim(
        "public:links",
        "DESIGN 8",
        "A link leads to the host of its product on its platform, or the right one is named.",
    ),
    Claim(
        "public:voice",
        "DESIGN 8",
        "Banned words, and I or we, are named outside quotations and code.",
    ),
    Claim(
        "public:laws",
        "DESIGN 8",
        "Any text is read, quickly, and every figure has its place.",
    ),
    Claim(
        "lint:document",
        "DESIGN appendix C",
        "lint says author, reviewers and findings of each draft, by line.",
    ),
    Claim(
        "lint:explain",
        "ISSUE 15.1",
        "lint --explain shows the sentence and the words that call for each review.",
    ),
    Claim(
        "lint:exit-codes",
        "DESIGN 12",
        "lint ends with 0, with 1 on findings, with 2 for an unknown author or file.",
    ),
    Claim(
        "lint:assumed",
        "DESIGN 8",
        "Header, role or nobody says whether a draft is public, and lint says which.",
    ),
    Claim(
        "lint:everywhere",
        "DESIGN 3",
        "lint works in an untrusted folder, without a model.",
    ),
]

TRIGGERS = [
    Claim(
        "triggers:words",
        "DESIGN 8",
        "A listed word is found however it is written, and nothing hides or adds one.",
    ),
    Claim(
        "triggers:patterns",
        "DESIGN 8",
        "Amounts per period, percentages of prices and dates of taxes are seen.",
    ),
    Claim(
        "triggers:table",
        "DESIGN 8",
        "The founder's triggers stand over the defaults, by name.",
    ),
    Claim(
        "triggers:drafts",
        "issue: triggers",
        "Unseen plain drafts find their reviewers, and few others are reviewed.",
    ),
    Claim(
        "triggers:bars",
        "issue: reviews",
        "On unseen drafts all bars hold: short 93 % found and 12 % false, long 82 % found, 15 % with"
        " the decisive words cut out, 30 % of quiet ones reviewed, 1.2 times as many called as due.",
        gap="false on short ones, cut out and called are missed; docs/benchmarks.md has the numbers",
    ),
    Claim(
        "triggers:sentences",
        "issue: reviews",
        "A shipped trigger fires where a sentence asserts, decides, promises or asks, however it is"
        " written and in whatever order, and says which.",
    ),
    Claim(
        "triggers:founder",
        "issue: reviews",
        "What the founder adds always fires, and one word can be dropped or excepted alone.",
    ),
    Claim(
        "triggers:strictness",
        "issue: reviews",
        "Strictness is the founder's; switched off, the strong words decide alone.",
    ),
    Claim(
        "triggers:prompt",
        "ISSUE 15.1",
        "A prompt's header says which triggers hold for its runs; a slip switches none off.",
    ),
    Claim(
        "triggers:use",
        "ISSUE 15.1",
        "The table of triggers says how often each fired, changed a text, was owed, and cost.",
    ),
    Claim(
        "triggers:nobody",
        "ISSUE 15.1",
        "A new company waits for no department it does not have, and check tells of one that would.",
    ),
    Claim(
        "triggers:checked",
        "DESIGN 8",
        "A trigger that never fires, or calls for no reviewer, is told.",
    ),
]

REVIEWS = [
    Claim(
        "reviews:document",
        "DESIGN 8, 12",
        "What reviewers, code and the founder left to say stands beside the text.",
    ),
    Claim(
        "reviews:waive",
        "DESIGN 8",
        "Blocked work, delegated or not, stays in the inbox until it is waived with a reason, or dropped.",
    ),
    Claim(
        "reviews:owed",
        "DESIGN 8",
        "A review that nobody could do waits until it is waived, and only for that.",
    ),
    Claim(
        "reviews:seen",
        "DESIGN 12",
        "While reviewers work, a terminal shows whose verdict is open and what came.",
    ),
    Claim(
        "work:notes",
        "ISSUE 15.2",
        "What goes out and the notes beside it are two things: rules and files see the first, the founder and reviewers both.",
    ),
    Claim(
        "work:applies",
        "ISSUE 15.2",
        "Instructions for the files that a task names, or its prompt produces, are in the prompt.",
    ),
    Claim(
        "reviews:bound",
        "ISSUE 15.3",
        "A verdict is for a draft: who watches a sentence that is new since looks again.",
    ),
    Claim(
        "reviews:elsewhere",
        "ISSUE 15.3",
        "A reviewer without a readable verdict is replaced by another model, else its review is owed; it blocks nothing.",
    ),
    Claim(
        "reviews:in-words",
        "ISSUE 15.3",
        "The founder's form is a verdict as the first line of a text, when it is the only one.",
    ),
    Claim(
        "reviews:stories",
        "ISSUE 15",
        "The shipped reports call nobody, and four departments wait for no fifth.",
    ),
    Claim(
        "reviews:why",
        "DESIGN 8",
        "The story of a run tells words, verdicts, changes, waivers and costs.",
    ),
    Claim(
        "lessons:asked",
        "DESIGN 11",
        "Bad or dear work leaves a lesson, and ends as it would without one.",
    ),
    Claim("lessons:shown", "DESIGN 12", "Lessons are listed, the open ones first."),
]

PROTOCOL = [
    Claim(
        "protocol:laws",
        "DESIGN 8",
        "Nobody is called back, no chain, crowd or revision passes its limit, all work ends, and nothing that "
        "is blocked or that nobody reviewed is delivered unless the founder waives it.",
    ),
    Claim(
        "protocol:verdicts",
        "FAULTS 63, 64",
        "Only one clear call counts for a trigger; all else is BLOCKING.",
    ),
    Claim(
        "protocol:no-word",
        "FAULTS 49, 64, 73",
        "No text of a task, a draft or its author approves anything.",
    ),
    Claim(
        "protocol:chain",
        "FAULTS 72",
        "Nobody is called back, nothing goes too deep, and the audit says why.",
    ),
    Claim(
        "protocol:reviewers-read",
        "DESIGN 8",
        "A reviewer reads, and neither writes, asks nor calls anybody.",
    ),
    Claim(
        "protocol:owed",
        "DESIGN 8",
        "A review that nobody could do is the founder's, and the work waits.",
    ),
    Claim(
        "protocol:data",
        "FAULTS 68",
        "No text of one agent ends its quotation in what another is sent.",
    ),
    Claim(
        "protocol:classifier",
        "DESIGN 8",
        "A light model adds reviewers that exist, if asked to, and nothing else.",
    ),
    Claim(
        "public:sources",
        "DESIGN 8",
        "No words of an agent are a source of a figure, whichever way they take.",
    ),
    Claim(
        "public:agents-claims",
        "DESIGN 8",
        "What an agent says a product can do counts once the founder approves it.",
    ),
    Claim(
        "public:which",
        "DESIGN 8",
        "The founder's word says whether work is public, else the files do.",
    ),
]

DELEGATION = [
    Claim(
        "delegation:plan-told",
        "DESIGN 6, 8",
        "The orchestrator is told the day plan, as data; nobody else is.",
    ),
    Claim(
        "delegation:parallel",
        "DESIGN 8",
        "Departments work side by side, and one summary comes back.",
    ),
    Claim(
        "delegation:reason",
        "DESIGN 8",
        "Work is delegated for a task of the board, or for a reason, in the chain.",
    ),
    Claim(
        "delegation:waits",
        "DESIGN 8",
        "A department that waits for the founder holds up nobody, and goes on alone.",
    ),
    Claim(
        "delegation:held-back",
        "DESIGN 8",
        "Who delegated work cannot read what is held back of it, by no handle.",
    ),
    Claim(
        "delegation:standup",
        "DESIGN 6",
        "The standup gives what is due to its owners, at once, each once a day.",
    ),
    Claim(
        "delegation:asked",
        "DESIGN 6",
        "The standup spends nothing by itself: a pipe means no, and what cannot be done is said.",
    ),
    Claim(
        "delegation:no-founders-words",
        "DESIGN 8",
        "What a task says, agents may have written: it is no source.",
    ),
]

MCP = [
    Claim(
        "mcp:conformance",
        "issue: brain",
        "The nine tools, the resource and their errors are those of the reference.",
    ),
    Claim(
        "mcp:differences",
        "issue: brain",
        "Where the reference hurts its users we differ, as docs/memory.md says.",
    ),
    Claim(
        "mcp:provenance",
        "DESIGN 4",
        "Lines say who wrote them; what a client says is untrusted unless told so.",
    ),
    Claim(
        "mcp:untrusted",
        "DESIGN 4",
        "Untrusted deadlines, runs, lessons and claims drive no standup.",
    ),
    Claim(
        "mcp:protocol",
        "issue: brain",
        "JSON-RPC on stdio: whatever a client sends, the others get their answers.",
    ),
    Claim(
        "mcp:sdk",
        "issue: brain",
        "The official SDK's client lists, calls, reads and subscribes.",
    ),
    Claim(
        "mcp:together",
        "DESIGN 14",
        "Writes that come together share one sync; many processes lose none.",
    ),
    Claim(
        "mcp:kills", "FAULTS 42", "A kill at any moment loses no acknowledged write."
    ),
    Claim(
        "mcp:errors",
        "FAULTS 36, 44",
        "A memory that cannot be used is an answer; no memory is an exit code.",
    ),
    Claim("mcp:start", "DESIGN 14", "The server starts without what only people need."),
]

BRAIN = [
    Claim(
        "memory:lost",
        "FAULTS 35",
        "A memory that was there and is gone is an error, never an empty graph.",
    ),
    Claim(
        "memory:prune",
        "DESIGN 4",
        "What the settings no longer keep goes, listed, and comes back with one command.",
    ),
    Claim(
        "memory:compact",
        "DESIGN 4",
        "Compacting leaves one line for each and changes nothing that is known.",
    ),
    Claim(
        "memory:export",
        "DESIGN 4",
        "An export is in the reference's form and comes back as it was.",
    ),
    Claim(
        "memory:import",
        "issue: memory",
        "An import says what it brought, as whose word, and twice is once.",
    ),
    Claim(
        "memory:story",
        "issue: memory",
        "A name shows who said what when, and how far it is to be believed.",
    ),
    Claim(
        "memory:filters", "issue: memory", "Search lists by date, type and who said it."
    ),
    Claim(
        "memory:picture",
        "issue: memory",
        "The graph is drawn once, whatever its names and cycles.",
    ),
    Claim(
        "memory:large",
        "FAULTS 37",
        "A million entities are loaded within bounded memory, and check warns.",
    ),
    Claim(
        "memory:unsigned",
        "FAULTS 39",
        "Lines of another program are merged, and check says that nobody signed them.",
    ),
    Claim(
        "git:union",
        "issue: memory",
        "Two branches that both learned merge without conflict and without loss.",
    ),
]

ROUTER = [
    Claim(
        "router:health",
        "DESIGN 7",
        "Two failures in a row: a model is skipped, ever longer, until it answers.",
    ),
    Claim(
        "router:limits",
        "DESIGN 7",
        "No model is called more often, or paid more, in a day than its limit says.",
    ),
    Claim(
        "router:retry-after",
        "FAULTS 74",
        "A provider is left alone as long as it asks, and nobody waits for it.",
    ),
    Claim(
        "router:reason",
        "FAULTS 78",
        "Another model is reserved at its own price, and why it was asked is kept.",
    ),
    Claim("router:tier", "issue: models", "A fallback never goes to another tier."),
    Claim(
        "router:ready",
        "FAULTS 79",
        "Without any model a run waits, and knows from when on it may be resumed.",
    ),
    Claim(
        "router:ends",
        "issue: models",
        "Whatever ends a call or a wait, nothing stays reserved.",
    ),
    Claim(
        "router:waiting-told",
        "issue 14",
        "Who looks on is told when work waits for a model, and of a second try.",
    ),
    Claim(
        "router:storms",
        "issue: models",
        "In a storm runs finish or wait, and the ledger is the provider's bill.",
    ),
]

LITE = [
    Claim(
        "lite:speaks",
        "DESIGN 7",
        "Every provider that LiteLLM knows is asked, with tools, at once.",
    ),
    Claim("lite:usage", "FAULTS 77", "A count of LiteLLM's that cannot be is none."),
    Claim(
        "lite:told",
        "FAULTS 74-76",
        "What a failure means is told by the wire, whatever LiteLLM calls it.",
    ),
    Claim(
        "lite:alone",
        "decision 019",
        "LiteLLM reaches nobody but whom a call names, and finds no keys by itself.",
    ),
    Claim("lite:cancelled", "DESIGN 7", "A cancelled call closes its connection."),
    Claim(
        "lite:billed",
        "DESIGN 7",
        "What is billed equals the ledger, fifty runs at once, busy servers included.",
    ),
    Claim(
        "lite:late",
        "DESIGN 13",
        "LiteLLM is loaded by a call that needs it only, says so, and nothing is reached meanwhile.",
    ),
    Claim(
        "models:table",
        "DESIGN 7",
        "A price that nobody wrote down is read from LiteLLM's table, or unknown.",
    ),
    Claim(
        "models:shown",
        "DESIGN 7, 12",
        "For each tier who would answer now, at what price, and why the others would not.",
    ),
    Claim(
        "small-model:reported",
        "docs/small-model.md",
        "What a real model got wrong is told apart from what agentco did.",
    ),
    Claim(
        "doctor:live",
        "DESIGN 7",
        "Asked to, doctor makes the cheapest call of each model, inside the books.",
    ),
    Claim(
        "doctor:local",
        "DESIGN 12",
        "Servers of this machine are found with the names of their models.",
    ),
]

PROVENANCE = [
    Claim(
        "memory:provenance",
        "DESIGN 4",
        "Another program's rewrite of the file takes from nobody what he said.",
    ),
    Claim(
        "memory:adopted",
        "DESIGN 4",
        "What is unsigned and came after the founder adopted the file is untrusted.",
    ),
    Claim(
        "memory:trust",
        "DESIGN 4",
        "The founder trusts an entity by name, sees what it is, and can take it back.",
    ),
]

SIGNATURES = [
    Claim(
        "memory:signed",
        "issue 14 B1",
        "A line is the word of whom it names only by a valid signature, whoever wrote it there.",
    ),
    Claim(
        "memory:signed-survives",
        "issue 14 B1",
        "Signatures survive the reference's rewrite, compaction, import, deletion and merges.",
    ),
    Claim(
        "memory:key",
        "issue 14 B1",
        "The key lies with the user's trust; another machine gets it by a code.",
    ),
    Claim(
        "memory:migrates",
        "issue 14 B1",
        "What a trusted folder knew before there were signatures is signed at the next trust.",
    ),
    Claim(
        "memory:seal",
        "issue 14 B1",
        "A seal spares the look at each line, and vouches for nothing that is not signed.",
    ),
    Claim(
        "memory:one-name",
        "issue 14 B3, case 16a",
        "Names are one in NFC, and search folds accents and case.",
    ),
]

PROCESSES = [
    Claim(
        "process:drives",
        "DESIGN 10",
        "Each root run has a process of its own and is driven as far as it goes.",
    ),
    Claim(
        "process:crash",
        "DESIGN 10",
        "A run whose process dies is reported as crashed, and free to be taken over.",
    ),
    Claim(
        "process:limits",
        "FAULTS 88",
        "A run that hangs, leaks or breeds is ended with the reason.",
    ),
    Claim("process:minutes", "DESIGN A", "A run has so many minutes."),
    Claim(
        "process:nothing-left",
        "issue: daemon",
        "Nothing that a run started outlives it, however it hides.",
    ),
    Claim(
        "process:drains",
        "issue: daemon",
        "A run that is asked to end keeps what it paid for, and goes on later.",
    ),
    Claim(
        "process:watched",
        "issue: daemon",
        "Runs end when nobody watches over them any more.",
    ),
    Claim(
        "process:company",
        "issue: daemon",
        "A run works by the last company that could be read.",
    ),
]

UP = [
    Claim(
        "up:goes-on",
        "issue: daemon",
        "What was interrupted goes on, and the status tells who works on what.",
    ),
    Claim(
        "up:whose-pid",
        "FAULTS 89",
        "Only the process that wrote the lock which it holds is signalled or shown.",
    ),
    Claim(
        "up:one",
        "FAULTS 89",
        "A second daemon exits with the pid and the host of the first.",
    ),
    Claim(
        "up:one-host",
        "DESIGN 10",
        "One machine runs a company; another must be told to take over.",
    ),
    Claim(
        "up:seat",
        "issue 14 C2",
        "A machine with another name goes on; another folder on it is refused.",
    ),
    Claim(
        "up:gone",
        "issue 14 C3",
        "A daemon whose folder or state is gone says so, ends and makes nothing again.",
    ),
    Claim(
        "up:log",
        "issue 14 C5",
        "The log of a daemon in the background is kept in bounds while it runs.",
    ),
    Claim(
        "memory:left",
        "issue 14 C3, FAULTS 35",
        "A memory or a company that is gone with its folder is not made again.",
    ),
    Claim("up:trust", "DESIGN 3", "A folder that is not trusted is not run."),
    Claim(
        "up:kills",
        "issue: daemon",
        "Whatever is killed, the runs go on and nothing is paid twice but what is in doubt.",
    ),
    Claim(
        "up:alone",
        "issue: nothing gets lost",
        "With the daemon gone its runs end at their next step, and make no further call.",
    ),
    Claim(
        "up:frozen",
        "issue: nothing gets lost",
        "A machine that stood still, stopped or suspended, is not taken for hung runs.",
    ),
    Claim(
        "interrupt:in-order",
        "issue: nothing gets lost",
        "SIGTERM, SIGHUP and a closed terminal end a command as Ctrl-C does.",
    ),
    Claim(
        "interrupt:left",
        "issue: nothing gets lost",
        "What a person interrupted goes on only when they say so.",
    ),
    Claim(
        "up:terminal",
        "issue: nothing gets lost",
        "Closing the terminal of agentco up ends it in order; a detached one reads its files again.",
    ),
    Claim(
        "inbox:keys",
        "issue: a morning without friction",
        "At a terminal the inbox goes through its items with single keys and tells each change.",
    ),
    Claim(
        "inbox:order",
        "issue: a morning without friction",
        "The inbox has decisions first, each with its context and in words, and calls in doubt last.",
    ),
    Claim(
        "inbox:doubt",
        "issue: nothing gets lost",
        "All calls in doubt stand in one line and are settled together.",
    ),
    Claim(
        "up:torture",
        "issue: nothing gets lost",
        "However often daemon, server and runs are killed, every slot runs once and all books agree.",
    ),
    Claim(
        "up:drains",
        "FAULTS 88",
        "It ends in order and keeps what is under way; a second signal ends it at once.",
    ),
    Claim(
        "up:stands-still", "FAULTS 88", "A daemon that was stopped for a while goes on."
    ),
    Claim(
        "up:decided",
        "issue: daemon",
        "What waits is parked, and goes on once it is decided anywhere.",
    ),
    Claim(
        "up:halts",
        "DESIGN 9",
        "A halt stops what the daemon drives; resume lets it go on.",
    ),
    Claim(
        "up:edits",
        "issue: daemon",
        "Edits hold for what begins after them; broken ones change nothing and are told.",
    ),
    Claim("up:quiet", "issue: daemon", "It asks no model while nothing happens."),
    Claim(
        "up:detached",
        "issue: daemon",
        "It goes on in the background until it is told to end.",
    ),
    Claim(
        "up:planted",
        "issue: daemon",
        "A loop, hang, crash, leak and fork bomb at once are contained; the others finish.",
    ),
    Claim(
        "up:restricted",
        "issue: daemon",
        "A department that gave up is restricted and goes on once that is lifted.",
    ),
    Claim(
        "up:due",
        "issue: daemon",
        "What comes due is run once, and what cannot be run stops nothing.",
    ),
    Claim("up:unit", "issue: daemon", "It prints a unit that starts it."),
]

WATCH = [
    Claim(
        "watch:loop",
        "DESIGN 10",
        "Three times the same, to and fro, many turns without news: a loop; news is none.",
    ),
    Claim(
        "watch:ended",
        "FAULTS 66",
        "A loop ends its run with the reason, and nothing starts it again.",
    ),
    Claim(
        "watch:restricted",
        "DESIGN 9",
        "A restricted department reads and asks, on every path, until it is lifted.",
    ),
    Claim(
        "watch:denials",
        "DESIGN 9",
        "Three acts in a run that rules forbid restrict the department.",
    ),
    Claim(
        "watch:shown",
        "DESIGN 9, 12",
        "Who is restricted stands wherever the founder looks, with what lifts it.",
    ),
    Claim(
        "watch:halt",
        "issue: daemon",
        "A halt of many calls: none begins later, none is lost from the books.",
    ),
    Claim(
        "delegation:once",
        "DESIGN 6",
        "Standups at the same moment give no task out twice.",
    ),
    Claim(
        "delegation:exit",
        "DESIGN 12",
        "A standup exits with 1 when all that it delegated ended without its result.",
    ),
    Claim(
        "board:ticked-late",
        "DESIGN 8",
        "What an agent ticks is ticked when its work is delivered, blocked work's never.",
    ),
]

SUPERVISOR = [
    Claim(
        "supervisor:otp",
        "issue: daemon",
        "1,500 recordings of Erlang's own supervisor come out the same, line by line.",
    ),
    Claim(
        "supervisor:laws",
        "DESIGN 10",
        "Children start in order and stop in reverse, none twice; a call is answered; what gave up leaves nothing up.",
    ),
    Claim(
        "supervisor:intensity",
        "DESIGN 10",
        "No period has more restarts than its intensity.",
    ),
    Claim(
        "supervisor:lives",
        "issue: daemon",
        "The end of an earlier life is never taken for that of a later one.",
    ),
    Claim(
        "supervisor:waits",
        "issue: daemon",
        "Between attempts it waits as told, and is not deaf meanwhile.",
    ),
    Claim(
        "supervisor:faults",
        "issue: daemon",
        "An error in a child's own code is a crash, and never ends the supervisor.",
    ),
    Claim(
        "supervisor:nested",
        "issue: daemon",
        "Supervisors nest, and one that gave up is an ordinary end for the next.",
    ),
    Claim(
        "supervisor:calls",
        "issue: daemon",
        "terminate, restart, delete and add do and answer what OTP's do.",
    ),
]

SCHEDULER = [
    Claim(
        "schedule:told",
        "issue: nothing gets lost",
        "A scheduled run that a limit, a person or too many crashes end is told as failed.",
    ),
    Claim(
        "schedule:overlap",
        "issue: nothing gets lost",
        "A slot does not start over a run of its prompt that works or waits, but by its `overlap`.",
    ),
    Claim(
        "schedule:first-hour",
        "issue: nothing gets lost",
        "A new company runs no prompt by itself in its first hour, nor for what its sample tells.",
    ),
    Claim(
        "schedule:once",
        "DESIGN 10, FAULTS 86",
        "Every slot runs once or not at all, whatever the clock does.",
    ),
    Claim(
        "schedule:catch-up",
        "DESIGN 10",
        "What was missed is made up for once, or skipped and written down.",
    ),
    Claim(
        "schedule:crash",
        "DESIGN 10",
        "A slot whose process died before it began a run is taken again, once.",
    ),
    Claim(
        "schedule:two",
        "DESIGN 10",
        "Any number of schedulers begin each slot once, and none spins.",
    ),
    Claim(
        "schedule:agrees",
        "DESIGN 10",
        "The standup and the scheduler know the same slots.",
    ),
    Claim(
        "schedule:wake-facts",
        "issue: daemon",
        "A prompt that wakes on facts asks no model when nothing is new.",
    ),
    Claim(
        "schedule:goes-on",
        "FAULTS 79",
        "A prompt that cannot begin is written down, and the schedule goes on.",
    ),
    Claim(
        "schedule:edits",
        "issue: daemon",
        "An edited schedule is taken up, and what it makes due in the past is not run.",
    ),
    Claim(
        "schedule:shown",
        "appendix C, FAULTS 17",
        "`schedule` shows next and last runs, costs, and what is wrong.",
    ),
    Claim(
        "schedule:dear",
        "FAULTS 18",
        "A schedule that could use up the company's day early is warned of.",
    ),
    Claim(
        "notify:once",
        "issue: daemon",
        "An event is told once, a thing once an hour, whatever restarts or runs beside.",
    ),
    Claim(
        "notify:quiet",
        "issue: daemon",
        "Quiet hours hold back, and what was held back comes as one message.",
    ),
    Claim(
        "notify:events",
        "issue: daemon",
        "Inbox, halts, restrictions, budget, failed schedules and the plan are told.",
    ),
    Claim(
        "notify:safe",
        "issue 7, DESIGN 9",
        "Only a trusted folder notifies, without secrets, cleaned and short.",
    ),
    Claim(
        "notify:dead",
        "issue: daemon",
        "A receiver that is dead or hangs is told of once and stops nothing.",
    ),
]

PARTS: list[list[Claim]] = [
    part for name, part in [*globals().items()] if name.isupper()
]
CLAIMS = {c.id: c for part in PARTS for c in part}


def nameless_tests(named_by_test: Mapping[str, set[str]]) -> list[str]:
    """Tests that name no promise, or one that nobody made."""
    return [
        test
        for test, names in named_by_test.items()
        if not names or names - CLAIMS.keys()
    ]


def unproved_promises(claims: Mapping[str, Claim], proved: set[str]) -> list[str]:
    """Promises that no test names and that are no known gap."""
    gaps = {name for name, known in claims.items() if known.gap}
    return sorted(claims.keys() - proved - gaps)
