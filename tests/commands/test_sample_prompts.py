"""The prompts of the sample company: what they ask for is what a department can do."""

from pathlib import Path

import pytest
from claims import claim
from typed import commands_of

from agentco.adapters.files.template_files import template_files
from agentco.cli.main import main
from agentco.company import find_tool

INPUTS = {"launch-checklist": ("product=Lumen", "date=2027-03-04")}
PROMPTS = sorted(
    path.rpartition("/")[2].removesuffix(".prompt.md")
    for path, _ in template_files()
    if path.startswith(".github/prompts/")
)


@claim("template:prompts")
@pytest.mark.parametrize("prompt", PROMPTS)
def test_a_prompt_of_the_sample_calls_no_reviewer_by_its_own_words(
    tmp_path: Path, prompt: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(tmp_path), "--sample"]) == 0
    (tmp_path / "story.yml").write_text("- text: Nothing to report.\n")
    do = commands_of(tmp_path, capsys)
    model = ("--model", "scripted/story.yml")
    found = do("run", prompt, *INPUTS.get(prompt, ()), *model, "--json").document
    assert (found["status"], found["reviews"], found["owed"]) == ("done", [], [])


@claim("template:prompts")
@pytest.mark.parametrize(
    ("tool", "sentence"), [("Fetch", "agentco has no tool yet that opens a web page")]
)
def test_the_prompts_tell_of_a_missing_tool_as_long_as_it_is_missing(
    tool: str, sentence: str
) -> None:
    row = find_tool(tool)
    assert row is not None
    bodies = [text for path, text in template_files() if ".prompt.md" in path]
    assert any(sentence in body for body in bodies) == (not row.arguments)
