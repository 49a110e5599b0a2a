"""A source file as the checks see it: its lines, and for C++ the code without comments and without what literals hold.

Blanking keeps every character's place, so an offset in the code is an offset in the file.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

CPP_SUFFIXES = (".h", ".cc")

LITERALS = re.compile(
    r"""
    (?P<comment>//(?:\\\n|[^\n])*|/\*.*?\*/)
  | (?P<raw>\b(?:u8|[uUL])?R"(?P<fence>[^()\\\s]{0,16})\(.*?\)(?P=fence)")
  | (?P<string>"(?:\\.|[^"\\\n])*")
  | (?P<number>\b\d(?:'?[\w.]|(?<=[eEpP])[+-])*)
  | (?P<character>'(?:\\.|[^'\\\n])+')
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def without_literals(text: str) -> str:
    """Comments become spaces; of strings and characters only the quotes stay."""

    def replace(match: re.Match) -> str:
        whole = match.group()
        if match.lastgroup == "number":
            return whole
        if match.group("comment") is not None:
            return blank(whole)
        first = whole.index('"') if match.group("character") is None else 0
        return " " * first + whole[first] + blank(whole[first + 1:-1]) + whole[-1]

    return LITERALS.sub(replace, text)


class Source:
    """path is relative to the root of the tree, with slashes."""

    def __init__(self, path: str, text: str):
        self.path = path
        self.text = text

    @classmethod
    def read(cls, root: Path, path: str) -> "Source":
        return cls(path, (root / path).read_text("utf-8", errors="replace"))

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def is_cpp(self) -> bool:
        return self.path.endswith(CPP_SUFFIXES)

    @property
    def is_header(self) -> bool:
        return self.path.endswith(".h")

    @cached_property
    def is_python(self) -> bool:
        return self.path.endswith(".py") or self.text.startswith("#!/usr/bin/python3")

    @cached_property
    def is_shell(self) -> bool:
        return self.path.endswith(".sh") or self.text.startswith(("#!/bin/bash", "#!/bin/sh"))

    @property
    def is_meson(self) -> bool:
        return self.path.rpartition("/")[2] in ("meson.build", "meson_options.txt")

    @property
    def is_code(self) -> bool:
        return self.is_cpp or self.is_python or self.is_shell or self.is_meson

    @cached_property
    def code(self) -> str:
        """C++ only: without comments and literals, directives still there."""
        return without_literals(self.text)

    @cached_property
    def line_starts(self) -> list[int]:
        return [0] + [match.end() for match in re.finditer("\n", self.text)]

    def line_of(self, offset: int) -> int:
        return bisect_right(self.line_starts, offset)

    def at(self, line: int, message: str) -> Finding:
        return Finding(self.path, line, message)

    def at_offset(self, offset: int, message: str) -> Finding:
        return self.at(self.line_of(offset), message)
