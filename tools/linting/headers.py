"""Every header compiles alone, with all warnings. What passed is remembered under a hash of the header, of all it
includes from this tree and of the compiler, so that a second run costs nothing.
"""

import hashlib
import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from linting import floors
from linting.source import Finding, Source

FLAGS = ["-std=c++23", "-Wall", "-Wextra", "-Werror", "-fsyntax-only"]
INCLUDE_ROOTS = ["src", "include", "."]
CACHE = "build-lint/headers"


class HeaderCheck:
    def __init__(self, root: Path):
        self.root = root
        self.cache = root / CACHE
        self.compiler = os.environ.get("TORC_LINT_CXX", "g++")
        self.sources: dict[str, Source | None] = {}
        version = subprocess.run([self.compiler, "--version"], check=True, capture_output=True, text=True).stdout
        self.salt = "\0".join([version, *FLAGS, *INCLUDE_ROOTS])

    def check(self, headers: list[Source]) -> Iterator[Finding]:
        self.cache.mkdir(parents=True, exist_ok=True)
        for header in headers:
            self.sources[header.path] = header
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            for findings in pool.map(self.check_one, headers, [self.key(header) for header in headers]):
                yield from findings

    def check_one(self, header: Source, key: str) -> list[Finding]:
        passed = self.cache / key
        if passed.exists():
            return []
        error = self.compile(header.path)
        if error is None:
            passed.touch()
            return []
        return [header.at(1, f"does not compile alone: {error}")]

    def compile(self, path: str) -> str | None:
        """The compiler's first error, or None."""
        roots = [f"-I{self.root / directory}" for directory in INCLUDE_ROOTS]
        # Included into an empty file, so that #pragma once is not warned about.
        command = [self.compiler, *FLAGS, *roots, "-include", str(self.root / path), "-x", "c++", os.devnull]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode == 0:
            return None
        errors = [line for line in result.stderr.splitlines() if "error" in line]
        return (errors or result.stderr.splitlines() or ["no message"])[0].replace(f"{self.root}/", "")

    def key(self, header: Source) -> str:
        """Hashes the header and everything of the tree that it reaches."""
        digest = hashlib.sha256(self.salt.encode())
        reached, pending = set(), [header.path]
        while pending:
            path = pending.pop()
            source = self.find(path)
            if path in reached or source is None:
                continue
            reached.add(path)
            pending.extend(self.resolved_includes(source))
        for path in sorted(reached):
            digest.update(f"{path}\0{self.sources[path].text}\0".encode())
        return digest.hexdigest()

    def resolved_includes(self, source: Source) -> Iterator[str]:
        beside = source.path.rpartition("/")[0]
        for _, _, path in floors.includes(source):
            for directory in (beside, *INCLUDE_ROOTS):
                yield os.path.normpath(os.path.join(directory, path))

    def find(self, path: str) -> Source | None:
        if path not in self.sources:
            exists = not path.startswith("..") and (self.root / path).is_file()
            self.sources[path] = Source.read(self.root, path) if exists else None
        return self.sources[path]
