"""How git is told to unite what two branches learned."""

ATTRIBUTES_FILE = ".gitattributes"
UNION_RULE = "memory/*.jsonl merge=union\n"


def union_rule(path: str) -> str:
    """The rule of a memory that lies elsewhere."""
    quoted = f'"{path}"' if " " in path else path
    return f"{quoted} merge=union\n"
