"""bench/pauses: no pause when a huge value is deleted, overwritten, evicted, expired or trimmed.

One value of each type is filled, and a copy of it goes in each of the ways. How long the command itself took tells what
that client felt; the longest tick until the last of the memory is free (INFO tick, torc only), what all others felt.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness import report
from harness.collections import Collection, element, scattered, value_of
from harness.gaps import measure_gaps
from harness.options import add_server_options, machine, prepare
from harness.resp import Connection, ReplyError
from harness.servers import Server, ServerSpec

BASE, VICTIM, OTHER = "base", "victim", "other"
SETTLE_S_MAX = 60
POLL_S = 0.05
QUIET_S_A_MILLION = 0.6


def call_lines(*lines: str) -> Callable[[Connection], None]:
    def go(connection: Connection) -> None:
        for line in lines:
            connection.call(*line.split())
    return go


def evict(connection: Connection) -> None:
    """Only the victim may go, and it must."""
    connection.call("EXPIRE", VICTIM, 100_000)
    used = int(connection.info("memory")["used_memory"])
    call_lines("CONFIG SET maxmemory-policy volatile-ttl", f"CONFIG SET maxmemory {used - (1 << 20)}",
               f"SET {OTHER} 1")(connection)


def after_eviction(connection: Connection) -> None:
    call_lines("CONFIG SET maxmemory 0", "CONFIG SET maxmemory-policy noeviction", f"DEL {OTHER}")(connection)


@dataclass(frozen=True)
class Way:
    name: str
    go: Callable[[Connection], None]
    before: Callable[[Connection], None] = call_lines()
    after: Callable[[Connection], None] = call_lines()


WAYS = [
    Way("nothing happens", call_lines("PING")),
    Way("DEL", call_lines(f"DEL {VICTIM}")),
    Way("UNLINK", call_lines(f"UNLINK {VICTIM}")),
    Way("overwritten by SET", call_lines(f"SET {VICTIM} 1")),
    Way("RENAME over it", call_lines(f"RENAME {OTHER} {VICTIM}"), before=call_lines(f"SET {OTHER} 1")),
    Way("expired", call_lines(f"PEXPIRE {VICTIM} 1")),
    Way("evicted", evict, after=after_eviction),
]


@dataclass(frozen=True)
class Subject:
    name: str
    command: str
    words_of: Callable[[int], list]
    per_command: int = 500
    trims: tuple[str, ...] = ()

    def ways(self) -> Iterator[Way]:
        yield from WAYS
        for trim in self.trims:
            yield Way(trim.format(key="key"), call_lines(trim.format(key=VICTIM)))


def subjects(elements: int) -> list[Subject]:
    middle = elements // 2
    return [
        Subject("set", "SADD", lambda n: [element(n)]),
        Subject("hash", "HSET", lambda n: [element(n), n]),
        Subject("sorted set", "ZADD", lambda n: [scattered(n), element(n)],
                trims=("ZREMRANGEBYRANK {key} 0 -11",
                       f"ZREMRANGEBYRANK {{key}} {elements // 5} {elements * 7 // 10 - 1}",
                       f"ZREMRANGEBYRANK {{key}} {elements // 20} {elements - elements // 20 - 1}")),
        Subject("list", "RPUSH", lambda n: [value_of(32)],
                trims=("LTRIM {key} 0 9", f"LTRIM {{key}} {middle} {middle + 9}", f"LTRIM {{key}} {middle} -1")),
        Subject("stream", "XADD", lambda n: [f"{n + 1}-0", "f1", n % 100, "f2", n % 1000], per_command=1,
                trims=("XTRIM {key} MAXLEN 10",)),
    ]


def settle(connection: Connection) -> None:
    """Until nothing waits to be freed."""
    deadline = time.monotonic() + SETTLE_S_MAX
    used = -1
    while time.monotonic() < deadline:
        info = connection.info("memory")
        before, used = used, int(info["used_memory"])
        if info["lazyfree_pending_objects"] == "0" and abs(used - before) < 1 << 16:
            return
        time.sleep(POLL_S)
    raise SystemExit("memory does not settle")


def tick_max_us(connection: Connection) -> float | None:
    try:
        return float(connection.info("tick")["tick_us_max"])
    except (ReplyError, KeyError):
        return None


def measure_way(connection: Connection, way: Way, quiet_s: float) -> tuple[float, float | None]:
    """Milliseconds of the command and microseconds of the longest tick."""
    connection.call("COPY", BASE, VICTIM, "REPLACE")
    way.before(connection)
    settle(connection)
    connection.call("CONFIG", "RESETSTAT")
    start = time.monotonic()
    way.go(connection)
    took_ms = 1000 * (time.monotonic() - start)
    time.sleep(quiet_s)  # asking would make ticks longer
    longest_us = tick_max_us(connection)
    settle(connection)
    way.after(connection)
    connection.call("DEL", VICTIM)
    settle(connection)
    return took_ms, longest_us


def measure(spec: ServerSpec, core: int, subject: Subject, options: argparse.Namespace) -> list[list[str]]:
    elements, rounds = int(options.elements * 1_000_000), options.rounds
    rows = []
    with Server(spec, core) as server, server.connect() as connection:
        filled = Collection(subject.name, BASE, subject.command, elements, subject.words_of, subject.per_command)
        filled.fill(connection)
        for way in (way for way in subject.ways() if way.name.startswith(tuple(options.how))):
            runs = [measure_way(connection, way, QUIET_S_A_MILLION * elements / 1e6) for _ in range(rounds)]
            took_ms = sorted(run[0] for run in runs)[rounds // 2]
            ticks = sorted(run[1] for run in runs if run[1] is not None)
            rows.append([subject.name, way.name, spec.name, f"{took_ms:.1f}",
                         " ".join(f"{tick:.0f}" for tick in ticks) or "–"])
            print(" | ".join(rows[-1]), file=sys.stderr, flush=True)
    return rows


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench/pauses", description="Looks for pauses when huge values go.")
    add_server_options(parser)
    parser.add_argument("subjects", nargs="*", metavar="TYPE", help="beginnings of names (default: all)")
    parser.add_argument("--elements", type=float, default=10, metavar="M", help="millions (default 10)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--how", nargs="+", default=[""], metavar="HOW", help="beginnings of the ways (default: all)")
    options = parser.parse_args(arguments)
    elements = int(options.elements * 1_000_000)
    rows = []
    servers = prepare(options)
    for subject in subjects(elements):
        if options.subjects and not any(subject.name.startswith(name) for name in options.subjects):
            continue
        for spec in servers:
            rows += measure(spec, options.cores[0], subject, options)
    print(f"A value of {elements:,} elements goes.\n")
    header = ["type", "how", "server", "the command, ms (median)", "longest tick of each round, µs"]
    print(report.markdown(header, rows))
    print(f"\n{measure_gaps(options.cores[0])}\n{machine()}")
    return 0
