"""The floors of the house: a folder includes only itself and lower floors. This table is the architecture.

persist, repl and cluster stand beside src; a header that crosses between these four trees stands in
include/torc/<folder> and is judged by the folder it is named after. tests and bench stand outside and may look
everywhere.
"""

import re
from collections.abc import Iterator

from linting.source import Finding, Source

FLOORS = {
    "base": 0,
    "ds": 1,
    "store": 2, "resp": 2, "io": 2,
    "session": 3,
    "cmd": 4, "script": 4, "acl": 4, "config": 4, "stats": 4, "net": 4,
    "persist": 5, "repl": 5,
    "cluster": 6,
    "server": 7,
}
OUTSIDE_SRC = ("persist", "repl", "cluster")
# A neighbour on the same floor that may be used, and what must not be seen although it lies lower.
NEIGHBOURS = {("repl", "persist")}
UNSEEN = {("net", "store"): "net hands over requests and never sees the keyspace",
          ("persist", "net"): "persist never sees the network"}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)


def folder_of(path: str) -> str | None:
    """The folder that a file of the product belongs to; None for tests, bench and tools."""
    parts = path.split("/")
    if parts[0] == "src" and len(parts) > 2:
        return parts[1]
    if parts[0] == "include" and len(parts) > 3:
        return parts[2]
    return parts[0] if parts[0] in OUTSIDE_SRC else None


def tree_of(folder: str) -> str:
    return folder if folder in OUTSIDE_SRC else "src"


def includes(source: Source) -> Iterator[tuple[int, str, str]]:
    """(line, quote, path) of every include that is not commented out."""
    for match in INCLUDE.finditer(source.text):
        hash_at = match.start() + match.group().index("#")
        if source.code[hash_at] == "#":
            yield source.line_of(match.start()), match[1], match[2]


def check(source: Source) -> Iterator[Finding]:
    folder = folder_of(source.path)
    if not source.is_cpp or folder is None:
        return
    if folder not in FLOORS:
        yield source.at(1, f"folder '{folder}' is not in the table of floors")
        return
    for line, quote, path in includes(source):
        message = judge(folder, quote, path)
        if message:
            yield source.at(line, message)


def judge(folder: str, quote: str, path: str) -> str | None:
    """What is wrong with this include in a file of this folder."""
    parts = path.split("/")
    through_contract = parts[0] == "torc" and len(parts) > 2
    target = parts[1] if through_contract else parts[0]
    if target not in FLOORS or len(parts) == 1:
        return f'"{path}": name the folder, as in "base/assert.h"' if quote == '"' else None
    if (folder, target) in UNSEEN:
        return f'"{path}": {UNSEEN[(folder, target)]}'
    if FLOORS[target] > FLOORS[folder]:
        return f'"{path}": {folder} (floor {FLOORS[folder]}) must not look up to {target} (floor {FLOORS[target]})'
    if FLOORS[target] == FLOORS[folder] and target != folder and (folder, target) not in NEIGHBOURS:
        return f'"{path}": {folder} and {target} are strangers on floor {FLOORS[folder]}'
    if tree_of(target) != tree_of(folder) and not through_contract:
        return f'"{path}": what {tree_of(folder)} needs of {tree_of(target)} stands in include/torc/{target}/'
    return None
