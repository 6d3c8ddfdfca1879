"""Reads YAML text into plain data with the place of every value, by YAML 1.2 (core schema), and writes it.

`NO` and `12:30` are text, `1e3` is a number, a key stands once; no nesting and no alias can exhaust the machine.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import Any, NoReturn

import yaml

from sim.scenario.errors import Mark, Problem, ScenarioError

MAX_DEPTH = 50
MAX_ALIASED = 50_000
"""How many values aliases may repeat in one file; long text counts as several."""
LETTERS_A_VALUE = 100
"""So much text counts as one value."""

Path = tuple[str | int, ...]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PYTHON_LOADER: Any = yaml.SafeLoader
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_TEXT_TAGS = {"!", "tag:yaml.org,2002:str"}

_NULL = re.compile(r"|~|null|Null|NULL")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_HALF_ESCAPE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_HALF = re.compile("[\ud800-\udfff]")
_SWALLOWED = re.compile(r"[:,\[{]\s*#\w")
"""Text that begins with # where a value should stand: a comment to YAML."""
_MAY_BE_OTHER_THAN_TEXT = frozenset("0123456789+-.~nNtTfF")


@dataclasses.dataclass
class Tree:
    """Plain data, and by path: where each value stands in the files, what it rests on, in which range it lies."""

    data: Any = dataclasses.field(default_factory=dict)
    marks: dict[Path, Mark] = dataclasses.field(default_factory=dict)
    basis: dict[Path, str] = dataclasses.field(default_factory=dict)
    ranges: dict[Path, tuple[float, float]] = dataclasses.field(default_factory=dict)
    blank: set[Path] = dataclasses.field(default_factory=set)
    """Keys of mappings and elements of lists that stand there without a value."""

    def copy(self) -> Tree:
        """A tree that can be changed; nested data is shared, and replaced, never changed, by `assign`."""
        return dataclasses.replace(self, marks=dict(self.marks), basis=dict(self.basis), ranges=dict(self.ranges))

    def where(self, path: Path) -> Mark:
        """The place of the value at `path`, or of the nearest part of the scenario that holds it."""
        for end in range(len(path), -1, -1):
            mark = self.marks.get(path[:end])
            if mark is not None:
                return mark
        return Mark("")


def scalar(text: str) -> Any:
    """The value of a plain scalar in the core schema of YAML 1.2."""
    if text and text[0] not in _MAY_BE_OTHER_THAN_TEXT:
        return text
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text[0] in "tT"
    if _INT.fullmatch(text) and len(text) < 1000:
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.fullmatch(text):
        return float(text.replace(".", "", 1)) if text[-1] in "fFnN" else float(text)
    return text


def parse(text: str, file: str, problems: list[Problem]) -> Tree:
    """Reads one YAML document. Repeated keys are added to `problems`; what ends the reading raises ScenarioError."""
    return _Builder(file, problems).build(text.removeprefix("\ufeff"))


def compose(text: str) -> yaml.Node | None:
    """The nodes of a YAML document, each with its place in the text. yaml.YAMLError if it is none."""
    node: yaml.Node | None = yaml.compose(text, Loader=_LOADER)
    return node


@dataclasses.dataclass
class _Frame:
    """A mapping or list that is being read."""

    container: Any
    path: Path
    key: str | None = None


class _Builder:
    """Turns the events of the YAML parser into a Tree, with a stack of its own instead of recursion."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file = file
        self.problems = problems
        self.tree = Tree(data=None, marks={(): Mark(file)})
        self.stack: list[_Frame] = []
        self.anchors: dict[str, Any] = {}
        self.aliased = 0

    def fail(self, mark: Mark, message: str) -> NoReturn:
        raise ScenarioError([Problem(mark.file, mark.line, mark.column, "", message)])

    def build(self, text: str, loader: Any = _LOADER) -> Tree:
        documents = 0
        try:
            for event in yaml.parse(text, Loader=loader):
                kind = type(event)
                if kind is yaml.ScalarEvent:
                    self.scalar(event)
                elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                    self.open(event, {} if kind is yaml.MappingStartEvent else [])
                elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                    self.stack.pop()
                elif kind is yaml.AliasEvent:
                    self.alias(event)
                elif kind is yaml.DocumentStartEvent:
                    documents += 1
                    if documents > 1:
                        self.fail(self.mark(event), "a second document starts here; a file holds one")
        except yaml.MarkedYAMLError as error:
            if loader is not _PYTHON_LOADER and _HALF_ESCAPE.search(text):
                # JSON writes some letters as two escapes. The C parser refuses the first; the one in Python takes both.
                return _Builder(self.file, self.problems).build(text, _PYTHON_LOADER)
            mark = error.problem_mark or error.context_mark
            where = Mark(self.file, mark.line + 1, mark.column + 1) if mark else Mark(self.file)
            self.fail(where, f"cannot be read as YAML: {error.problem or error.context}{_advice(error, text)}")
        except yaml.reader.ReaderError as error:
            before = text.partition(chr(error.character))[0]
            where = Mark(self.file, before.count("\n") + 1, len(before) - before.rfind("\n"))
            self.fail(where, f"cannot be read as YAML: the character {error.character:#04x} is not allowed in it")
        except UnicodeEncodeError as error:
            self.fail(Mark(self.file), f"is not UTF-8 text ({error.reason})")
        if not documents:
            self.tree.blank.add(())
        return self.tree

    def mark(self, event: Any) -> Mark:
        return Mark(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def scalar(self, event: Any) -> None:
        frame = self.stack[-1] if self.stack else None
        if frame is not None and frame.key is None and type(frame.container) is dict:
            if event.value == "<<" and event.implicit[0]:
                self.fail(self.mark(event), "merge keys (<<) are not read; repeat the values, or use extends")
            self.key(frame, event)
            return
        if event.tag is not None and event.tag not in _TEXT_TAGS:
            self.refuse_tag(event)
        value = scalar(event.value) if event.implicit[0] else self.text(event)
        if event.anchor:
            self.anchors[event.anchor] = value
        path = self.add(value, event)
        if event.value == "" and event.implicit[0]:
            self.tree.blank.add(path)

    def text(self, event: Any) -> str:
        """The text of a scalar; two escapes that stand for one letter are that letter."""
        text = str(event.value)
        if not _HALF.search(text):
            return text
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            half = _HALF.search(text)
            said = ascii(half[0])[1:-1] if half else ""
            message = f"{said} is one half of a letter that takes two escapes; write the letter itself"
            self.fail(self.mark(event), message)

    def key(self, frame: _Frame, event: Any) -> None:
        """Takes a name in a mapping; names are text whatever they look like, and stand once."""
        name = self.text(event)
        path = (*frame.path, name)
        mark = self.mark(event)
        if name in frame.container:
            first = self.tree.marks[path]
            message = f"the key stands twice in this mapping; it stands first at {first.line}:{first.column}"
            self.problems.append(Problem(*mark, ".".join(map(str, path)), message))
        else:
            self.tree.marks[path] = mark
        if event.anchor:
            self.anchors[event.anchor] = name
        frame.key = name

    def open(self, event: Any, container: Any) -> None:
        if self.stack and self.stack[-1].key is None and type(self.stack[-1].container) is dict:
            self.fail(self.mark(event), "a key must be a name, not a mapping or a list")
        if event.tag is not None:
            self.refuse_tag(event)
        if len(self.stack) >= MAX_DEPTH:
            self.fail(self.mark(event), f"is nested more than {MAX_DEPTH} deep")
        if event.anchor:
            self.anchors[event.anchor] = container
        self.stack.append(_Frame(container, self.add(container, event)))

    def alias(self, event: Any) -> None:
        name = event.anchor
        if self.stack and self.stack[-1].key is None and type(self.stack[-1].container) is dict:
            self.fail(self.mark(event), f"a key must be a name, not the alias *{name}")
        if name not in self.anchors:
            self.fail(self.mark(event), f"the alias *{name} has no anchor &{name} before it")
        target = self.anchors[name]
        if any(frame.container is target for frame in self.stack):
            self.fail(self.mark(event), f"the alias *{name} stands inside of what it repeats")
        self.add(self.repeat(target, event, len(self.stack)), event)

    def repeat(self, value: Any, event: Any, depth: int) -> Any:
        """A copy of an anchored value; ends when the aliases of the file repeat more than any scenario would."""
        self.aliased += 1 + (len(value) // LETTERS_A_VALUE if isinstance(value, str) else 0)
        if self.aliased > MAX_ALIASED:
            self.fail(self.mark(event), f"aliases in this file repeat more than {MAX_ALIASED:,} values")
        if not isinstance(value, (dict, list)):
            return value
        if depth >= MAX_DEPTH:
            self.fail(self.mark(event), f"is nested more than {MAX_DEPTH} deep through the alias *{event.anchor}")
        if isinstance(value, dict):
            return {key: self.repeat(child, event, depth + 1) for key, child in value.items()}
        return [self.repeat(child, event, depth + 1) for child in value]

    def add(self, value: Any, event: Any) -> Path:
        """Puts a value where it belongs and tells its path."""
        if not self.stack:
            self.tree.data = value
            self.tree.marks[()] = self.mark(event)
            return ()
        frame = self.stack[-1]
        if type(frame.container) is dict:
            path = (*frame.path, str(frame.key))
            frame.container[frame.key] = value
            frame.key = None
            return path
        path = (*frame.path, len(frame.container))
        frame.container.append(value)
        self.tree.marks[path] = self.mark(event)
        return path

    def refuse_tag(self, event: Any) -> NoReturn:
        self.fail(self.mark(event), f"the tag {event.tag} is not read; write plain values")


def _advice(error: yaml.MarkedYAMLError, text: str) -> str:
    """What to do about the most common mistakes of form."""
    problem, mark = str(error.problem), error.problem_mark
    lines = text.splitlines()
    line = lines[mark.line] if mark is not None and mark.line < len(lines) else ""
    if "cannot start any token" in problem and "\t" in line:
        return " (indent with spaces, not with tabs)"
    if "mapping values are not allowed" in problem:
        return " (text that holds ': ' needs quotes, and keys of one mapping start in the same column)"
    start, context = error.context_mark, str(error.context)
    first = min(start.line if start is not None else len(lines), mark.line if mark is not None else len(lines))
    for number in range(first, min(len(lines), (mark.line if mark is not None else first) + 1)):
        if _SWALLOWED.search(lines[number]):
            return f" (in line {number + 1} # begins a comment; text that begins with # needs quotes)"
    if start is not None and any(part in context for part in ("mapping", "sequence", "collection", "quoted")):
        return f" ({context} that starts at {start.line + 1}:{start.column + 1})"
    return ""


def blank_values(tree: Tree, text: str) -> tuple[list[Problem], list[Problem]]:
    """A problem for each value that is not there: those that a comment has swallowed, and the others."""
    swallowed, others = [], []
    lines = text.splitlines()
    for path in sorted(tree.blank, key=str):
        mark = tree.where(path)
        line = lines[mark.line - 1][mark.column - 1 :] if 0 < mark.line <= len(lines) else ""
        dotted = ".".join(map(str, path))
        if _SWALLOWED.search(line):
            message = "is empty: # begins a comment; text that begins with #, like a colour, needs quotes"
            swallowed.append(Problem(*mark, dotted, message))
        else:
            message = "is empty; give a value, write null for none, or leave it out"
            others.append(Problem(*mark, dotted, message))
    return swallowed, others


class Flow(dict[str, Any]):
    """A mapping that is written on one line."""


class _Dumper(_DUMPER):
    """Writes text in quotes when YAML 1.1 or 1.2 would read it as something else, so that every reader agrees."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _short_list(dumper: Any, data: list[Any]) -> Any:
    flat = not any(isinstance(item, (dict, list)) and not isinstance(item, Flow) for item in data)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=flat)


def _short_mapping(dumper: Any, data: Flow) -> Any:
    return dumper.represent_mapping("tag:yaml.org,2002:map", data, flow_style=True)


_Dumper.add_representer(list, _short_list)
_Dumper.add_representer(Flow, _short_mapping)
for _tag, _pattern in (("null", _NULL), ("bool", _BOOL), ("int", _INT), ("float", _FLOAT)):
    _Dumper.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern.pattern})$"), None)


def dump(data: Any) -> str:
    """Plain data as YAML text that `parse` reads back to the same data."""
    style: dict[str, Any] = {"sort_keys": False, "allow_unicode": True, "width": 120, "default_flow_style": False}
    return str(yaml.dump(data, Dumper=_Dumper, **style))


def leaves(data: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every single value of plain data, with its path; a list of single values counts as one value."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from leaves(value, (*path, key))
    elif isinstance(data, list) and any(isinstance(item, dict) for item in data):
        for number, item in enumerate(data):
            yield from leaves(item, (*path, number))
    else:
        yield path, data
