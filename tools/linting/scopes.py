"""Finds the functions and the variables of a C++ file without a compiler: by matching brackets and by reading what
stands in front of each brace.

A brace at namespace or class scope opens a namespace, a type, an initialiser or a function body. What it is follows
from the tokens since the last statement ended (the head): `namespace` and the type keywords speak for themselves; a
brace that is followed by `,` or `{` belongs to a constructor's initialiser list; a top-level `=` makes an
initialiser (inside which a lambda still counts as a function); parentheses make a function. Inside a function
nothing more is classified.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from linting.source import Source, blank

TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\w.']*|\"\s*\"|'\s*'|::|->|[-+*/%^!=<>]=|&&|\|\||\S")
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
OPENING = {"(": ")", "[": "]", "{": "}"}
TYPE_WORDS = {"class", "struct", "union"}
LAMBDA_WORDS = {"mutable", "constexpr", "noexcept", "static", "const"}
LAMBDA_RESULT_TOKENS_MAX = 40


class Unbalanced(Exception):
    """The brackets of a file do not match; offset says where."""

    def __init__(self, offset: int):
        super().__init__(f"unbalanced bracket at {offset}")
        self.offset = offset


@dataclass(frozen=True)
class Token:
    text: str
    offset: int


@dataclass
class Scope:
    kind: str  # "namespace" or "type"
    first: int  # token indices: [first, last)
    last: int


@dataclass
class Layout:
    """Indices are into the reader's tokens. A statement is (kind of its scope, first, last)."""

    functions: list[tuple[int, int]] = field(default_factory=list)  # head's first token, closing brace
    statements: list[tuple[str, int, int]] = field(default_factory=list)


def without_directives(code: str) -> str:
    return DIRECTIVE.sub(lambda match: blank(match.group()), code)


def match_brackets(tokens: list[Token]) -> dict[int, int]:
    matches, opened = {}, []
    for index, token in enumerate(tokens):
        if token.text in OPENING:
            opened.append(index)
        elif token.text in (")", "]", "}"):
            if not opened or OPENING[tokens[opened[-1]].text] != token.text:
                raise Unbalanced(token.offset)
            matches[opened[-1]] = index
            matches[index] = opened.pop()
    if opened:
        raise Unbalanced(tokens[opened[-1]].offset)
    return matches


class Reader:
    """Walks the scopes of one file, outermost first, with a list instead of recursion."""

    def __init__(self, source: Source):
        code = without_directives(source.code)
        self.tokens = [Token(match.group(), match.start()) for match in TOKEN.finditer(code)]
        self.matches = match_brackets(self.tokens)
        self.layout = Layout()

    def read(self) -> None:
        scopes = [Scope("namespace", 0, len(self.tokens))]
        while scopes:
            scopes.extend(self.read_scope(scopes.pop()))
        self.layout.functions.sort()
        self.layout.statements.sort(key=lambda statement: statement[1])

    def text(self, index: int) -> str:
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def read_scope(self, scope: Scope) -> list[Scope]:
        """Classifies every brace of the scope; returns the scopes inside it."""
        inner, head, index = [], scope.first, scope.first
        while index < scope.last:
            text = self.text(index)
            if text == ";":
                self.layout.statements.append((scope.kind, head, index))
                head = index + 1
            elif text == ":" and self.text(index - 1) in ("public", "private", "protected"):
                head = index + 1
            elif text in ("(", "["):
                self.find_lambdas(index + 1, self.matches[index])
                index = self.matches[index]
            elif text == "{":
                close = self.matches[index]
                kind = self.classify(head, index)
                if kind in ("namespace", "type"):
                    inner.append(Scope(kind, index + 1, close))
                if kind == "function":
                    self.layout.functions.append((head, close))
                if kind == "initialiser":
                    self.find_lambdas(index, close)
                if kind in ("namespace", "function"):
                    head = close + 1
                index = close
            index += 1
        return inner

    def classify(self, head: int, brace: int) -> str:
        words = self.bare_head(head, brace)
        if words[:1] == ["extern"] and len(words) == 2 or "namespace" in words[:2]:
            return "namespace"
        if "enum" in words:
            return "enum"
        if self.text(self.matches[brace] + 1) in (",", "{"):
            return "initialiser"
        if "=" in words and "operator" not in words:
            return "initialiser"
        is_type = bool(TYPE_WORDS & set(words))
        if "()" in words and not (is_type and ":" in words[:words.index("()")]):
            return "function"
        return "type" if is_type else "initialiser"

    def bare_head(self, head: int, brace: int) -> list[str]:
        """The head without attributes, alignas and template lists; every other pair of parentheses becomes "()"."""
        words, index = [], head
        while index < brace:
            text = self.text(index)
            if text == "template" and self.text(index + 1) == "<":
                index = self.skip_angles(index + 1)
            elif text in ("alignas", "requires") and self.text(index + 1) == "(":
                index = self.matches[index + 1]
            elif text in OPENING:
                if text == "(":
                    words.append("()")
                index = self.matches[index]
            else:
                words.append(text)
            index += 1
        return words

    def skip_angles(self, index: int) -> int:
        """From a "<" to its ">"."""
        depth = 0
        while index < len(self.tokens):
            text = self.text(index)
            if text in OPENING:
                index = self.matches[index]
            depth += (text == "<") - (text == ">")
            if depth == 0:
                return index
            index += 1
        return index - 1

    def find_lambdas(self, first: int, last: int) -> None:
        index = first
        while index < last:
            if self.text(index) == "{":
                introducer = self.lambda_introducer(index)
                if introducer is not None:
                    self.layout.functions.append((introducer, self.matches[index]))
                    index = self.matches[index]
            index += 1

    def lambda_introducer(self, brace: int) -> int | None:
        """The index of the "[" whose body the brace opens, or None when it opens something else."""
        index = brace - 1
        lowest = max(0, brace - LAMBDA_RESULT_TOKENS_MAX)
        arrow = next((i for i in range(index, lowest, -1) if self.text(i) in ("->", ";", "{", "}")), lowest)
        if self.text(arrow) == "->":
            index = arrow - 1
        while self.text(index) in LAMBDA_WORDS:
            index -= 1
        if self.text(index) == ")":
            index = self.matches[index] - 1
        if self.text(index) != "]":
            return None
        introducer = self.matches[index]
        before = self.text(introducer - 1)
        is_subscript = before in (")", "]") or re.fullmatch(r"\w+", before) and before not in ("return", "co_return")
        return None if is_subscript else introducer


@lru_cache(maxsize=4)  # several checks ask for the same file one after the other
def read(source: Source) -> Reader:
    """Raises Unbalanced."""
    reader = Reader(source)
    reader.read()
    return reader


def functions_of(source: Source) -> Iterator[tuple[int, int, str]]:
    """(first line, last line, name) of every function."""
    reader = read(source)
    tokens = reader.tokens
    for first, close in reader.layout.functions:
        start = source.line_of(tokens[first].offset)
        yield start, source.line_of(tokens[close].offset), name_of(tokens, first, close)


def name_of(tokens: list[Token], first: int, close: int) -> str:
    """The identifier in front of the first parenthesis of the head."""
    if tokens[first].text == "[" and tokens[first + 1].text != "[":
        return "lambda"
    for index in range(first + 1, close):
        if tokens[index].text == "(" and re.fullmatch(r"\w+", tokens[index - 1].text):
            return tokens[index - 1].text
        if tokens[index].text == "{":
            break
    return "a function"
