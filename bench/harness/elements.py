"""bench/elements: resident bytes an element of a sorted set, set, hash, list and stream, and a hash of many small ones.

A server is started for each. Bytes an element are (RSS - RSS when empty) / elements.
"""

import argparse
import sys
from dataclasses import dataclass

from harness import report
from harness.collections import Collection, call_all, scattered
from harness.memory import GROWTH_POLLS, settled_bytes
from harness.options import add_server_options, machine, prepare
from harness.resp import Connection, command
from harness.servers import Server

MILLION = 1_000_000


def member(number: int) -> str:
    """16 bytes in no order."""
    return f"{number * 0x9E3779B97F4A7C15 % (1 << 64):016x}"


@dataclass(frozen=True)
class SmallHashes:
    name: str
    elements: int

    def describe(self) -> str:
        return f"{self.elements:,} hashes `key:<12 digits>` of f0 … f4 with values of 8 bytes"

    def fill(self, connection: Connection) -> None:
        def request(number: int) -> bytes:
            words = []
            for field in range(5):
                words += [f"f{field}", member(number * 5 + field)[:8]]
            return command("HSET", f"key:{number:012d}", *words)

        call_all(connection, map(request, range(self.elements)))


SUBJECTS = [
    Collection("sorted set", "z", "ZADD", MILLION, lambda n: [scattered(n), member(n)]),
    Collection("set", "s", "SADD", MILLION, lambda n: [member(n)]),
    Collection("hash", "h", "HSET", MILLION, lambda n: [member(n), member(n + 7)]),
    SmallHashes("small hashes", MILLION),
    Collection("list", "l", "RPUSH", MILLION, lambda n: [member(n) + member(n + 7)]),
    Collection("stream", "x", "XADD", MILLION, lambda n: [f"{n + 1}-0", "f1", n % 100, "f2", n % 1000, "f3", "abc"],
               per_command=1),
]


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/elements", description="Measures resident bytes per element.")
    add_server_options(parser)
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help="beginnings of names (default: all)")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    options = parse_arguments(arguments)
    servers = prepare(options)
    wanted = [subject for subject in SUBJECTS
              if not options.subjects or any(subject.name.startswith(name) for name in options.subjects)]
    rows = []
    for subject in wanted:
        figures = []
        for spec in servers:
            with Server(spec, options.cores[0]) as server:
                empty = server.resident_bytes()
                with server.connect() as connection:
                    subject.fill(connection)
                figures.append((settled_bytes(server, GROWTH_POLLS) - empty) / subject.elements)
            print(f"{subject.name}, {spec.name}: {figures[-1]:.1f}", file=sys.stderr, flush=True)
        rows.append([subject.name, *(f"{figure:.1f}" for figure in figures), subject.describe()])
    print("Resident bytes an element.\n")
    print(report.markdown(["", *(spec.name for spec in servers), "filled with"], rows))
    print(f"\n{machine()}")
    return 0
