"""No function above 70 lines, from the first line of its signature to its closing brace.

C++ functions are found by scopes.py, Python's by its own parser; a macro counts as a function.
"""

import ast
from collections.abc import Iterator

from linting import scopes
from linting.source import Finding, Source

FUNCTION_LINES_MAX = 70


def check(source: Source) -> Iterator[Finding]:
    spans: Iterator[tuple[int, int, str]] = iter(())
    try:
        if source.is_cpp:
            spans = iter([*scopes.functions_of(source), *macros(source)])
        elif source.is_python:
            spans = python_functions(source)
        for first, last, name in spans:
            lines = last - first + 1
            if lines > FUNCTION_LINES_MAX:
                yield source.at(first, f"{name} has {lines} lines (at most {FUNCTION_LINES_MAX})")
    except scopes.Unbalanced as error:
        yield source.at_offset(error.offset, "this bracket has no partner (or #if branches share one)")
    except SyntaxError as error:
        yield source.at(error.lineno or 1, f"not valid Python: {error.msg}")


def macros(source: Source) -> Iterator[tuple[int, int, str]]:
    for match in scopes.DIRECTIVE.finditer(source.code):
        first = source.line_of(match.start())
        yield first, first + match.group().count("\n"), "a macro"


def python_functions(source: Source) -> Iterator[tuple[int, int, str]]:
    for node in ast.walk(ast.parse(source.text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno or node.lineno, node.name
