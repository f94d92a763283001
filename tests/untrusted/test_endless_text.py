"""A text costs no more time than its length, whatever of it is repeated without end."""

from collections.abc import Callable

import pytest
from claims import claim
from processor_time import seconds_of_work

from agentco.adapters.answers import find_written_calls
from agentco.board import read_board
from agentco.briefing import brief_markdown
from agentco.file_formats import split_header
from agentco.kernel import open_fence
from agentco.page import strange_addresses, without_unseen
from agentco.review import founders_files, says_nothing, split_answer, why_made_up

MANY = 200_000


def calls_in(answer: str) -> object:
    return find_written_calls(answer, {"Read"})


def in_brief(text: str) -> object:
    return brief_markdown(text, 100)


def files_in(prompt: str) -> object:
    return founders_files((prompt,))


def addresses(text: str) -> object:
    return strange_addresses(text, (text,))


def is_made_up(answer: str) -> object:
    return why_made_up("Look it up.", "", answer)


@claim("cli:no-hang")
@pytest.mark.parametrize(
    ("read", "start", "repeated", "end"),
    [
        (calls_in, "<tool_call><function=Read><parameter=", "-", "<"),
        (split_answer, "", "`", "!<deliverable>x</deliverable>```"),
        (says_nothing, "```", " ", "!"),
        (is_made_up, "```", "\n", "x"),
        (open_fence, "", "~", "`"),
        (in_brief, "# a", " ", "b"),
        (in_brief, "# a", "#", "b"),
        (read_board, "## Next\n\n| a |\n", "\t", "x\n"),
        (read_board, "## Next\n\n- [ ] ", "a", "\n"),
        (split_header, "---\na: b\n", "#", "\n\nText."),
        (files_in, "", '<_ file="">', ""),
        (files_in, "", '<a name="', ""),
        (files_in, "", '<a file="', ""),
        (addresses, "", "a", ""),
        (addresses, "", "http:", ""),
        (addresses, "", "//", ""),
        (addresses, "//", ")", ""),
        (without_unseen, '<p style="transform:scale(', "0", '">x</p>'),
    ],
)
def test_what_is_repeated_without_end_is_read_at_once(
    read: Callable[[str], object], start: str, repeated: str, end: str
) -> None:
    with seconds_of_work(5):
        read(f"{start}{repeated * (MANY // len(repeated))}{end}")
