"""Change a YAML text by inserting into it, so that comments, order and layout stay.

Whoever writes the result reads it first: an odd layout can make a change mean something else.
"""

import re
from collections.abc import Iterator

import yaml

from agentco.file_formats.yaml_values import Value

STEP = "  "


def append_item(text: str, path: tuple[str, ...], item: str) -> str:
    """Append to the list at a path, which is made where it is missing.

    Raises ValueError for a text that cannot be changed so.
    """
    node = _find(_root_of(text), path)
    if not isinstance(node, yaml.SequenceNode):
        return set_value(text, path, [item])
    shown = flow_text(item)
    if not node.value:
        return _insert(text, node.start_mark.index + 1, shown)
    if node.flow_style:
        return _insert(text, _end_of(node.value[-1]), f", {shown}")
    column = node.start_mark.column
    return _insert_line(text, _end_of(node), f"{' ' * column}- {shown}")


def set_value(text: str, path: tuple[str, ...], value: Value) -> str:
    """Set a value at a path of two keys or more; the maps around it are made where missing.

    Raises ValueError for a text that cannot be changed so.
    """
    root = _root_of(text)
    node = _find(root, path)
    if node is None:
        return _add_key(text, root, path, value)
    if not _is_empty(node):
        return _replace(text, node, flow_text(value))
    colon = text.index(":", _key_of(root, path).end_mark.index)
    return _insert(text, colon + 1, f" {flow_text(value)}")


def _add_key(
    text: str, root: yaml.Node | None, path: tuple[str, ...], value: Value
) -> str:
    parent = _find(root, path[:-1])
    line = f"{flow_text(path[-1])}: {flow_text(value)}"
    if parent is None or parent is root:
        return _new_section(text, path, value)
    if not isinstance(parent, yaml.MappingNode):
        key = _key_of(root, path[:-1])
        indent = " " * key.start_mark.column + STEP
        return _insert_line(text, key.end_mark.index, f"{indent}{line}")
    if not parent.value:
        return _insert(text, parent.start_mark.index + 1, line)
    if parent.flow_style:
        return _insert(text, _end_of(parent.value[-1][1]), f", {line}")
    column = parent.start_mark.column
    return _insert_line(text, _end_of(parent), f"{' ' * column}{line}")


def flow_text(value: Value) -> str:
    """A value as it stands within a line."""
    if isinstance(value, dict):
        items = (f"{flow_text(key)}: {flow_text(item)}" for key, item in value.items())
        return "{" + ", ".join(items) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow_text, value)) + "]"
    plain = str(value)
    if re.fullmatch(r"[A-Za-z][\w./-]*(?::[\w.-]+)*", plain):
        return plain
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _new_section(text: str, path: tuple[str, ...], value: Value) -> str:
    """A section in block style, below its commented example if there is one."""
    end = _newline(text)
    section, *inner = path
    for key in reversed(inner[1:]):
        value = {key: value}
    block = f"{section}:{end}{STEP}{flow_text(inner[0])}: {flow_text(value)}"
    example = re.search(
        rf"^#[ ]?{re.escape(section)}:[^\n]*(?:\n#[ ]{{2,}}[^\n]*)*", text, re.MULTILINE
    )
    if example:
        place = example.end() - text[: example.end()].endswith("\r")
        return _insert(text, place, f"{end}{block}")
    return f"{text.rstrip()}{end * 2}{block}{end}".lstrip()


def _root_of(text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None


def _pairs(node: yaml.Node | None) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        yield from node.value


def _find(node: yaml.Node | None, path: tuple[str, ...]) -> yaml.Node | None:
    for wanted in path:
        found = [item for key, item in _pairs(node) if key.value == wanted]
        if not found:
            return None
        node = found[-1]
    return node


def _key_of(root: yaml.Node | None, path: tuple[str, ...]) -> yaml.Node:
    parent = _find(root, path[:-1])
    return [key for key, _ in _pairs(parent) if key.value == path[-1]][-1]


def _is_empty(node: yaml.Node) -> bool:
    """Whether nothing at all stands there."""
    return node.start_mark.index == node.end_mark.index


def _end_of(node: yaml.Node) -> int:
    """Where the last character of a node stands; a block's own mark is that of what follows."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last: yaml.Node | tuple[yaml.Node, yaml.Node] = node.value[-1]
        return _end_of(last[1] if isinstance(last, tuple) else last)
    return node.end_mark.index


def _replace(text: str, node: yaml.Node, shown: str) -> str:
    return text[: node.start_mark.index] + shown + text[_end_of(node) :]


def _insert(text: str, place: int, shown: str) -> str:
    return text[:place] + shown + text[place:]


def _insert_line(text: str, place: int, line: str) -> str:
    """Insert a line below the one in which a place lies, with the remark that it ends in."""
    below = text.find("\n", place)
    if below < 0:
        return f"{text}{_newline(text)}{line}{_newline(text)}"
    return _insert(text, below + 1, f"{line}{_newline(text)}")


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
