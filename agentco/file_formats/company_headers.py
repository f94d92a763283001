"""Our handler for python-frontmatter: it reads and writes the headers of company files.

The handlers that the library ships give no metadata, silently, for wrapped and unclosed headers
and lose the lines of values. Here `split` is our layout and `load` our strict YAML with its
repairs, so that what is broken is reported or refused.
"""

import re
from collections.abc import Mapping, Sequence
from typing import cast

import frontmatter
from frontmatter.default_handlers import BaseHandler
from msgspec.structs import replace

from agentco.file_formats.header_layout import (
    Header,
    Layout,
    runs_into_body,
    split_header,
    without_header,
)
from agentco.file_formats.header_repair import repair_header
from agentco.file_formats.source_file import FileFindings
from agentco.file_formats.strict_yaml import (
    CONFLICT_CODE,
    SYNTAX_CODE,
    read_yaml,
    write_yaml,
)
from agentco.file_formats.yaml_values import Value, YamlTree
from agentco.kernel.errors import Severity

_GLUED_KEY = re.compile(r"^[A-Za-z][\w-]*:(?!//)\S", re.MULTILINE)


class CompanyHeaders(BaseHandler):
    """The headers of one file; `layout`, `trees` and `refused` say what became of them.

    With `optional` what stands between rules is a header only if it is a mapping.
    """

    FM_BOUNDARY = re.compile(r"^---\s*$", re.MULTILINE)
    START_DELIMITER = END_DELIMITER = "---"

    def __init__(
        self, text: str, findings: FileFindings, *, optional: bool = False
    ) -> None:
        super().__init__()
        self.text = text
        self.findings = findings
        self.optional = optional
        self.layout = without_header(text)
        self.trees: list[YamlTree] = []
        self.refused = (
            True  # until `load` says otherwise: the library swallows a ValueError
        )

    def read_values(self) -> dict[str, Value]:
        """The values of all headers; empty if the file has none or must be left out."""
        values, _ = frontmatter.parse(self.text, handler=self)
        return cast("dict[str, Value]", values)

    def split(self, text: str) -> tuple[str, str]:  # noqa: ARG002  stripped: lines are lost
        """Cut the file into its headers and its body."""
        layout = split_header(self.text)
        trees = self._parse(layout)
        if self.optional and not _is_certain_header(layout, trees):
            layout, trees = without_header(self.text), []
        elif _may_end_too_late(layout, trees):
            layout = split_header(self.text, closed=False)
            trees = self._parse(layout)
        self.layout = layout
        self.trees = trees
        return "\n".join(header.text for header in layout.headers), layout.body

    def load(self, fm: str) -> dict[str, Value]:  # noqa: ARG002  parsed when it was cut
        """The values of all headers; inner ones count before outer ones."""
        pairs = zip(self.layout.headers, self.trees, strict=True)
        self.trees = [self._repair(header, tree) for header, tree in pairs]
        if any(tree.refusal for tree in self.trees):
            return {}
        self.refused = False
        if self.trees and not isinstance(self.trees[-1].value, dict | None):
            self._take_for_text(self.layout.headers[-1])
        values: dict[str, Value] = {}
        for tree in self.trees:
            if isinstance(tree.value, dict):
                values.update(tree.value)
        return values

    def export(self, metadata: Mapping[str, object], **_: object) -> str:
        """The text of a header with these values."""
        return write_yaml(cast("Mapping[str, Value]", metadata)).rstrip("\n")

    def format(self, post: frontmatter.Post, **_: object) -> str:
        """The whole file; unlike the library's, the body stays as it is, blank lines included."""
        return f"---\n{self.export(post.metadata)}\n---\n{post.content}"

    def _parse(self, layout: Layout) -> list[YamlTree]:
        return [
            read_yaml(header.text, self.findings.file, first_line=header.line)
            for header in layout.headers
        ]

    def _repair(self, header: Header, tree: YamlTree) -> YamlTree:
        """A header as it was read, or after repair if it is no YAML."""
        if not header.closed:
            what = "the header is never closed"
            hint = "write a line --- after the last key"
            self.findings.warn("unclosed-header", what, hint, header.line)
        if not tree.refused_for(SYNTAX_CODE):
            self.findings.add_all(tree.diagnostics)
            return tree
        file = self.findings.file
        repaired = repair_header(header.text, file, first_line=header.line)
        repaired_tree = read_yaml(repaired.text, file, first_line=header.line)
        if repaired_tree.refused_for(SYNTAX_CODE):
            self.findings.add_all(tree.diagnostics)
        elif repaired_tree.refusal:
            self.findings.add_all(repaired_tree.diagnostics)
        else:
            self.findings.add_all(repaired.diagnostics + repaired_tree.diagnostics)
        return replace(repaired_tree, dropped=repaired.dropped)

    def _take_for_text(self, header: Header) -> None:
        """Read the whole file as body, or refuse it if its keys are glued to their values."""
        is_glued = bool(_GLUED_KEY.search(header.text))
        if is_glued:
            level = Severity.ERROR
            hint = "write a space after each colon"
        else:
            level = Severity.WARNING
            hint = "write keys between the rules, or delete the rules"
        what = "what stands between the rules is not a list of keys"
        self.findings.report(level, "header-not-keys", what, hint, header.line)
        self.refused = is_glued
        self.layout = without_header(self.text)
        self.trees = []


def write_document(values: Mapping[str, Value], body: str) -> str:
    """A company file with this header and body, which `read_document` reads back."""
    post = frontmatter.Post(body)
    post.metadata.update(values)
    return frontmatter.dumps(post, handler=CompanyHeaders(body, FileFindings("")))


def _is_certain_header(layout: Layout, trees: Sequence[YamlTree]) -> bool:
    """Whether what stands between rules is a header in a file that needs none."""
    if any(tree.refused_for(CONFLICT_CODE) for tree in trees):
        return True
    all_closed = all(header.closed for header in layout.headers)
    all_mappings = all(isinstance(tree.value, dict) for tree in trees)
    return bool(trees) and all_closed and all_mappings


def _may_end_too_late(layout: Layout, trees: Sequence[YamlTree]) -> bool:
    """Whether the only header is no YAML because its closing rule may belong to the body."""
    is_broken = len(trees) == 1 and trees[0].refused_for(SYNTAX_CODE)
    return is_broken and runs_into_body(layout.headers[0])
