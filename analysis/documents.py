"""Reads YAML and says where a mistake is: `file:line:column: what is wrong; what is allowed`."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import yaml

from analysis.command import InputError, suggestion

Node = yaml.Node


@dataclass(frozen=True)
class Entry:
    key: Node
    value: Node


class _WithoutAliases(yaml.BaseLoader):
    def compose_node(self, parent: Node | None, index: object) -> Node:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("it has an alias, which is not allowed here")
        return super().compose_node(parent, index)


class Document:
    """One YAML document. The readers of its nodes refuse what is not of the right kind."""

    def __init__(self, name: str, text: str | bytes, has_lines: bool = True, may_repeat: bool = True):
        """`has_lines`: whether errors give line and column; for an option on the command line they do not.

        `may_repeat`: whether aliases (*name) may stand for earlier values; a few lines of them can stand for billions.
        """
        self.name, self.has_lines = name, has_lines
        try:
            # Nodes only: every scalar stays text, and no tag can build an object.
            root = yaml.compose(text, Loader=yaml.BaseLoader if may_repeat else _WithoutAliases)
        except yaml.MarkedYAMLError as error:
            raise self._fault(error.problem_mark, f"not YAML: {error.problem or error.context}") from None
        except yaml.YAMLError as error:
            raise InputError(f"{name}: not YAML: {error}") from None
        except RecursionError:
            raise InputError(f"{name}: is nested too deeply") from None
        if root is None:
            raise InputError(f"{name}: is empty; it takes one YAML document")
        self.root = root

    @staticmethod
    def read(path: Path) -> Document:
        try:
            return Document(str(path), path.read_bytes())
        except OSError as error:
            raise InputError(f"{path}: cannot be read: {error.strerror}") from None

    def fault(self, node: Node, message: str, offset: int = 0) -> InputError:
        """An error to raise. `offset`: the position of the mistake in a string, where the file has the string unchanged."""
        if offset:
            is_as_written = node.value == " ".join(node.value.split())
            is_on_one_line = node.start_mark.line == node.end_mark.line
            quote = 1 if node.style in ("'", '"') else 0
            offset = offset + quote if is_as_written and is_on_one_line else 0
        return self._fault(node.start_mark, message, offset)

    def entries(
        self, node: Node, what: str, required: Collection[str] = (), optional: Collection[str] | None = None
    ) -> dict[str, Entry]:
        """A map's entries by key. Without `optional` any key is allowed."""
        if not isinstance(node, yaml.MappingNode):
            raise self.fault(node, f"{what} is {_kind(node)}; it takes a map, {{key: value, ...}}")
        entries: dict[str, Entry] = {}
        for key, value in node.value:
            name = self.text(key, "a key")
            if name in entries:
                line = entries[name].key.start_mark.line + 1
                raise self.fault(key, f"duplicate key '{name}'; it is already on line {line}")
            if optional is not None and name not in (*required, *optional):
                hint = suggestion(name, [*required, *optional])
                raise self.fault(key, f"unknown key '{name}' in {what}; {hint}")
            entries[name] = Entry(key, value)
        for name in required:
            if name not in entries:
                raise self.fault(node, f"{what} has no '{name}'; it takes {', '.join(required)}")
        return entries

    def items(self, node: Node, what: str) -> list[Node]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise self.fault(node, f"{what} is {_kind(node)}; it takes a list, [a, b, ...]")
        return node.value

    def text(self, node: Node, what: str) -> str:
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            raise self.fault(node, f"{what} is {_kind(node)}; it takes a string")
        return " ".join(node.value.split())

    def choice(self, node: Node, what: str, known: Collection[str]) -> str:
        text = self.text(node, what)
        if text not in known:
            raise self.fault(node, f"unknown {what} '{text}'; {suggestion(text, known)}")
        return text

    def plain(self, node: Node) -> object:
        """The node as nested dictionaries, lists and strings."""
        if isinstance(node, yaml.MappingNode):
            return {key: self.plain(entry.value) for key, entry in self.entries(node, "a map").items()}
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(item) for item in node.value]
        return node.value

    def flow(self, node: Node) -> str:
        """The value as YAML on one line, as `gossamer --set path=VALUE` takes it."""
        if isinstance(node, yaml.MappingNode):
            entries = self.entries(node, "a map")
            return "{" + ", ".join(f"{key}: {self.flow(entry.value)}" for key, entry in entries.items()) + "}"
        if isinstance(node, yaml.SequenceNode):
            return "[" + ", ".join(map(self.flow, node.value)) + "]"
        is_simple = node.style is None and re.fullmatch(r"[\w.+\-/ ]*", node.value)
        return (node.value or "null") if is_simple else json.dumps(node.value, ensure_ascii=False)

    def label(self, node: Node) -> str:
        """The value as a label: a string as it is, anything else as YAML on one line."""
        return node.value if isinstance(node, yaml.ScalarNode) else self.flow(node)

    def place(self, node: Node) -> str:
        """file:line:column"""
        return self._place(node.start_mark)

    def _fault(self, mark: yaml.Mark | None, message: str, offset: int = 0) -> InputError:
        return InputError(f"{self._place(mark, offset)}: {message}")

    def _place(self, mark: yaml.Mark | None, offset: int = 0) -> str:
        has_place = self.has_lines and mark is not None
        return self.name + (f":{mark.line + 1}:{mark.column + 1 + offset}" if has_place else "")


def substituted(node: Node, what: str, text: str) -> Node:
    """A copy of the node, at the same place, with every occurrence of `what` replaced by `text`."""
    if isinstance(node, yaml.ScalarNode):
        return yaml.ScalarNode(node.tag, node.value.replace(what, text), node.start_mark, node.end_mark, node.style)
    if isinstance(node, yaml.MappingNode):
        value = [(substituted(key, what, text), substituted(each, what, text)) for key, each in node.value]
    else:
        value = [substituted(each, what, text) for each in node.value]
    return type(node)(node.tag, value, node.start_mark, node.end_mark, node.flow_style)


def _kind(node: Node) -> str:
    if isinstance(node, yaml.ScalarNode):
        return f"'{' '.join(node.value.split())}'" if node.value.strip() else "empty"
    if not node.value:
        return "empty"
    return "a list" if isinstance(node, yaml.SequenceNode) else "a map"


def read_list(name: str, text: str, what: str) -> tuple[Document, list[Node]]:
    """Reads an option that takes several values: "0.1, 0.2" or "{kind: ring, nodes: 3}, star"."""
    document = Document(name, f"[{text}]", has_lines=False)
    return document, document.items(document.root, what)
