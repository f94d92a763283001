"""How git is told to unite what two branches learned."""

ATTRIBUTES_FILE = ".gitattributes"
UNION_RULE = "memory/*.jsonl merge=union\n"
