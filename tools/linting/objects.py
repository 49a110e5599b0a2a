"""The sound half of the banned calls: what the compiled objects of each folder ask the linker for.

Needs a build (tools/lint --objects build). A call that hides behind a macro, a using-declaration or another
library's inline code shows here, and nothing that merely looks like a call does.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from linting import banned, floors
from linting.source import Finding

FORTIFIED = re.compile(r"^__(\w+)_chk$")
# Versions of one call that only differ in the width of an offset, or are the compiler's spelling of another name.
SUFFIXES = re.compile(r"(?:64|_finite)?(?:@.*)?$")
# std::thread mentions it in every translation unit that starts one.
HEADER_ONLY = {"pthread_create"}


def object_files(build: Path) -> Iterator[tuple[str, Path]]:
    for folder in floors.FLOORS:
        if folder not in banned.ALLOWED_FOLDERS:
            base = build / folder if folder in floors.OUTSIDE_SRC else build / "src" / folder
            yield from ((folder, path) for path in sorted(base.glob("**/*.o")))


def undefined_symbols(path: Path) -> list[str]:
    listing = subprocess.run(["nm", "-u", "-P", str(path)], check=True, capture_output=True, text=True)
    return [line.split(" ", 1)[0] for line in listing.stdout.splitlines()]


def plain_name(symbol: str) -> str:
    fortified = FORTIFIED.match(symbol)
    return SUFFIXES.sub("", fortified[1] if fortified else symbol)


def check(build: Path) -> Iterator[Finding]:
    for folder, path in object_files(build):
        for symbol in undefined_symbols(path):
            name = plain_name(symbol)
            if name in banned.CALLS - HEADER_ONLY:
                yield Finding(str(path), 1, f"{folder} calls {name}(), which belongs to src/io or src/base")
