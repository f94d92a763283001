"""`--show-prompt`: what a model would be told, part by part, with its tokens."""

from agentco.briefing.prompt_format import PromptPart
from agentco.desk.prompt_preview import PromptPreview
from agentco.documents.runs import preview_document
from agentco.terminal import screen


def print_preview(preview: PromptPreview, *, as_json: bool) -> None:
    """Print the prompt, which model would be asked, and for how much at most."""
    if as_json:
        screen.print_json(preview_document(preview))
        return
    for part in preview.prompt.parts:
        screen.print_text(part_heading(part))
        screen.print_text(part.prompt_text)
    names = ", ".join(tool.name for tool in preview.prompt.tools) or "none"
    screen.print_text(f"--- tools ({preview.tool_tokens:,} tokens): {names}")
    screen.print_text(
        f"\n{preview.total_tokens:,} tokens, {preview.stable_tokens:,} of them the same"
        f" in every call; tier {preview.prompt.tier}, {preview.model}"
    )


def part_heading(part: PromptPart) -> str:
    """What a part is, its size, and whether it is the same in every call."""
    kept = "the same in every call" if part.stable else "this call"
    words = ["---", str(part.kind), part.source or part.name]
    heading = " ".join(word for word in words if word)
    return f"{heading} ({part.token_count:,} tokens, {kept})"
