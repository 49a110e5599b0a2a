"""What holds for every text: lengths, the essay at the head, no notes to oneself, no paths of one machine."""

import re
from collections.abc import Iterator

from linting.source import Finding, Source

LINE_COLUMNS_MAX = 120
FILE_LINES_MAX = 800
ESSAY_CHARACTERS_MIN = 40

# Written in parts, so that this file passes its own check.
NOTES = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b")
MACHINE_PATHS = re.compile(r"(?<![\w.$}~-])/(?:work|opt|root|home|mnt|tmp/b-\w*)(?:/|\b)(?![-\w]*\()")

CPP_ESSAY = r"(?:(?://.*\n)+|/\*(?s:.*?)\*/)?"
OTHER_ESSAY = r'(?:#.*\n)*\s*(?:"""(?s:.*?)""")?'


def check(source: Source) -> Iterator[Finding]:
    yield from check_words(source)
    if source.is_code:
        yield from check_lengths(source)
        yield from check_essay(source)
    if source.is_header and "#pragma once" not in source.lines:
        yield source.at(1, "a header needs #pragma once")


def check_lengths(source: Source) -> Iterator[Finding]:
    for number, line in enumerate(source.lines, 1):
        if len(line) > LINE_COLUMNS_MAX:
            yield source.at(number, f"line of {len(line)} columns (at most {LINE_COLUMNS_MAX})")
    if len(source.lines) > FILE_LINES_MAX:
        yield source.at(FILE_LINES_MAX + 1, f"file of {len(source.lines)} lines (at most {FILE_LINES_MAX})")


def check_words(source: Source) -> Iterator[Finding]:
    for number, line in enumerate(source.lines, 1):
        if NOTES.search(line):
            yield source.at(number, "a note to oneself: do it, or open an issue")
        path = MACHINE_PATHS.search(line)
        if path:
            yield source.at(number, f"a path of one machine: {path.group()}")


def essay(source: Source) -> str:
    """The comment or docstring that the file starts with, without its marks."""
    text = re.sub(r"\A#!.*\n", "", source.text)
    opening = re.match(CPP_ESSAY if source.is_cpp else OTHER_ESSAY, text)
    return re.sub(r"[\s/#*\"]+", " ", opening.group()).strip()


def check_essay(source: Source) -> Iterator[Finding]:
    if len(essay(source)) < ESSAY_CHARACTERS_MIN and not is_trivial(source):
        yield source.at(1, "a file starts with a short essay: what it does, why this way")


def is_trivial(source: Source) -> bool:
    """Lists for the build, and empty files, explain themselves."""
    return source.is_meson or not source.text.strip()
