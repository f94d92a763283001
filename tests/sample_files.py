"""Write the sample's roles, prompts, instructions and skills from the templates that a founder's own company is made of.

What tells of Farol Labs alone is written by hand: its constitution, settings, board, memory, drafts and voice.
"""

from pathlib import Path

from agentco.adapters.files import starter_files
from agentco.upkeep import OwnCompany, Product, fill_in, template_words

ROOT = Path(__file__).parents[1]
BY_HAND = {
    ".github/copilot-instructions.md",
    ".github/agentco.yml",
    ".github/skills/founders-voice/SKILL.md",
    "drafts/README.md",
    "memory/deadlines.jsonl",
}
FAROL = OwnCompany(
    name="Farol Labs",
    products=(Product(name="Lumen"), Product(name="Boia"), Product(name="Maré")),
    country="PT",
    country_name="Portugal",
    time_zone="Europe/Lisbon",
)


def sample_files() -> dict[str, str]:
    """The text of each file of the sample that comes from a template, by path."""
    words = template_words(FAROL) | {"founder": "Inês", "Founder": "Inês"}
    layers = starter_files()
    templates = layers["common"] | layers["PT"]
    return {
        path: fill_in(text, words)
        for path, text in templates.items()
        if path not in BY_HAND
    }


if __name__ == "__main__":
    for path, text in sample_files().items():
        (ROOT / path).write_text(text)
