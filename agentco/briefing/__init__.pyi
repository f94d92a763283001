from agentco.briefing.brief_prompt import (
    brief_parts as brief_parts,
    brief_tools as brief_tools,
)
from agentco.briefing.brief_text import brief_markdown as brief_markdown
from agentco.briefing.prompt_format import (
    PartKind as PartKind,
    PromptPart as PromptPart,
    build_messages as build_messages,
    count_tokens as count_tokens,
    escape_tags as escape_tags,
    file_hashes as file_hashes,
    why_too_large as why_too_large,
)
from agentco.briefing.prompt_parts import (
    MAX_FILE_BYTES as MAX_FILE_BYTES,
    PREAMBLE as PREAMBLE,
    Assignment as Assignment,
    build_prompt_parts as build_prompt_parts,
    rules_for_files as rules_for_files,
    skills_on_demand as skills_on_demand,
)
from agentco.briefing.prompt_size import measure_request as measure_request
from agentco.briefing.shorten import (
    Shortened as Shortened,
    shorten_messages as shorten_messages,
)
from agentco.briefing.transcript import (
    ANSWER_NOW as ANSWER_NOW,
    LARGE_RESULT as LARGE_RESULT,
    NOT_TAKEN_UP as NOT_TAKEN_UP,
    RESULT_HEAD as RESULT_HEAD,
    build_conversation as build_conversation,
)
