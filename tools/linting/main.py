"""The command line of tools/lint: reads the tree, runs the checks, prints file:line: message."""

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

from linting import banned, floors, objects, sizes, state, text
from linting.headers import HeaderCheck
from linting.source import Finding, Source

ROOT = Path(__file__).resolve().parents[2]
SOURCE_CHECKS = (text.check, floors.check, sizes.check, banned.check, state.check)
IGNORED_DIRECTORIES = {".git", "__pycache__"}
BUILD_PREFIX = "build"
TEXT_SUFFIXES = (".h", ".cc", ".py", ".sh", ".md", ".build", ".txt", ".json", ".yml", ".conf", ".supp")
HEADER_TREES = ("src", "include", "persist", "repl", "cluster", "tests", "bench")


def all_paths(root: Path) -> Iterator[str]:
    """Every text of the tree, without build directories at its top."""
    for directory, names, files in os.walk(root):
        at_top = Path(directory) == root
        names[:] = sorted(name for name in names if name not in IGNORED_DIRECTORIES
                          and not (at_top and name.startswith(BUILD_PREFIX)))
        for name in sorted(files):
            path = Path(directory) / name
            if is_text(path):
                yield path.relative_to(root).as_posix()


def is_text(path: Path) -> bool:
    """Known suffixes, and scripts without one."""
    if path.is_symlink():
        return False
    if path.suffix in TEXT_SUFFIXES:
        return True
    with open(path, "rb") as file:
        return not path.suffix and file.read(2) == b"#!"


def is_wanted(path: str, wanted: list[Path]) -> bool:
    """Whether the path is one of those, or below one; no wish means everything."""
    full = ROOT / path
    return not wanted or any(full.is_relative_to(entry.resolve()) for entry in wanted)


def check_source(source: Source) -> Iterator[Finding]:
    for check in SOURCE_CHECKS:
        yield from check(source)


def run(root: Path, paths: list[str], with_headers: bool) -> list[Finding]:
    sources = [Source.read(root, path) for path in paths]
    findings = [finding for source in sources for finding in check_source(source)]
    if with_headers:
        headers = [source for source in sources
                   if source.is_header and source.path.split("/")[0] in HEADER_TREES]
        findings += HeaderCheck(root).check(headers)
    return sorted(findings)


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools/lint", description="Checks the rules of the house.")
    parser.add_argument("files", nargs="*", type=Path, help="only these files and folders (default: the whole tree)")
    parser.add_argument("--no-headers", action="store_true", help="do not compile the headers")
    parser.add_argument("--objects", type=Path, metavar="BUILD",
                        help="look for banned calls in the objects of this build as well")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    options = parse_arguments(arguments)
    paths = [path for path in all_paths(ROOT) if is_wanted(path, options.files)]
    findings = run(ROOT, paths, not options.no_headers)
    if options.objects:
        findings += objects.check(options.objects)
    for finding in findings:
        print(finding)
    print(f"lint: {len(paths)} files, {len(findings)} findings")
    return 1 if findings else 0
