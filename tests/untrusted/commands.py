"""Every command that works on a company, as a founder would type it in a folder just cloned."""

COMMANDS: list[list[str]] = [
    [*line.split()]
    for line in """
standup
standup --dry-run --json
ask cto hi --quick
ask cto hi --show-prompt
run /weekly-review
inbox
approve A1
deny A1
answer A1 yes
waive abcdef legal --why mine
feedback abcdef late
board
board add Task
board done T1
board move T1 Done
board decide T1 --demote
init .
trust
trust --show
trust --hash 00
check
show agents
show skills
show prompts
show models
show settings
lint BOARD.md
memory show
memory search a
memory add n o --type t
memory relate a knows b
memory delete a --yes
memory undo
memory trust a
memory prune --yes
memory check
memory repair
memory stats
memory graph
memory export
memory import more.jsonl
runs
runs show abcdef
runs resume
runs cancel abcdef
runs settle abcdef 1 --drop
runs prune --yes
costs
audit
audit verify
up
up --detach
up --print-unit
down
status
schedule
halt
resume
lessons
mcp
doctor
""".strip().splitlines()
]
