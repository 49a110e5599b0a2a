"""No mutable state outside objects: several servers live in one process. Variables at namespace scope, static
members and static locals must be const or constexpr. src/base alone may keep what belongs to the process.

A heuristic over the statements that scopes.py finds: it reads declarations, not types, so `const` in front of an
object that changes behind a pointer passes.
"""

import re
from collections.abc import Iterator

from linting import floors, scopes
from linting.source import Finding, Source

NOT_VARIABLES = {"using", "typedef", "static_assert", "friend", "namespace", "template", "concept", "asm", "return",
                 "export", "import", "module", "goto"}
TYPE_INTRODUCERS = scopes.TYPE_WORDS | {"enum"}
STORAGE = {"static", "inline", "extern", "thread_local", "constinit", "mutable", "volatile"}
INITIALISERS = ("=", "{}", "()")


def check(source: Source) -> Iterator[Finding]:
    folder = floors.folder_of(source.path)
    if not source.is_cpp or folder in (None, "base"):
        return
    try:
        reader = scopes.read(source)
    except scopes.Unbalanced:
        return  # sizes.py reports it
    for kind, first, last in reader.layout.statements:
        words = words_of(reader, first, last)
        if is_variable(words, kind) and not is_constant(words):
            yield source.at_offset(reader.tokens[first].offset, f"mutable {scope_name(kind)}: {words[-1]}")
    for _, last in reader.layout.functions:
        yield from check_locals(source, reader, last)


def scope_name(kind: str) -> str:
    return "global" if kind == "namespace" else "static member"


def words_of(reader: scopes.Reader, first: int, last: int) -> list[str]:
    """The declaration with (), {}, [] groups as one word, without template lists, attributes and initial values."""
    words, index = [], first
    while index < last:
        text = reader.text(index)
        if text == "<" and words:
            index = reader.skip_angles(index)
        elif text == "[":
            index = reader.matches[index]
        elif text in ("(", "{"):
            if words[-1:] != ["alignas"]:
                words.append(text + scopes.OPENING[text])
            index = reader.matches[index]
        elif text == "=" and "operator" not in words[-1:]:
            return [*words, "="]
        else:
            words.append(text)
        index += 1
    return words


def is_variable(words: list[str], kind: str) -> bool:
    if not words or words[0] in NOT_VARIABLES or "operator" in words:
        return False
    if kind == "type" and "static" not in words:
        return False
    bare = [word for word in words if word not in STORAGE]
    if bare and bare[0] in TYPE_INTRODUCERS:
        return "{}" in bare and bare[-1] != "{}" or "=" in bare
    if "()" in words:
        return False  # a function, or a macro
    names = [word for word in before_initialiser(bare) if re.fullmatch(r"\w+", word)]
    return len(names) >= 2 and not names[0].startswith('"')


def before_initialiser(words: list[str]) -> list[str]:
    ends = [words.index(mark) for mark in INITIALISERS if mark in words]
    return words[:min(ends)] if ends else words


def is_constant(words: list[str]) -> bool:
    declaration = before_initialiser(words)
    if "constexpr" in declaration:
        return True
    if "const" not in declaration:
        return False
    last_const = max(index for index, word in enumerate(declaration) if word == "const")
    return "*" not in declaration[last_const:]


def check_locals(source: Source, reader: scopes.Reader, last: int) -> Iterator[Finding]:
    body = reader.matches[last]  # "static" in front of it is the function's own linkage
    for index in range(body, last):
        if reader.text(index) != "static":
            continue
        end = index
        while end < last and reader.text(end) not in (";", "=", "{", "("):
            end = reader.skip_angles(end) + 1 if reader.text(end) == "<" else end + 1
        if end == index + 1 or is_local_function(reader, end):
            continue
        if not is_constant(words_of(reader, index, end)):
            yield source.at_offset(reader.tokens[index].offset, f"mutable static local: {reader.text(end - 1)}")


def is_local_function(reader: scopes.Reader, end: int) -> bool:
    """A static member function of a local type: parentheses that a body or a qualifier follows."""
    if reader.text(end) != "(":
        return False
    return reader.text(reader.matches[end] + 1) in ("{", "const", "noexcept", "->")
