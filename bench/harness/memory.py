"""bench/memory: resident bytes a key, at several sizes since tables grow in steps, and what deleting gives back.

A server is started for each series. Bytes a key are (RSS - RSS when empty) / keys: what the keys cost, the process not.
"""

import argparse
import sys
import time

from harness import load, report
from harness.options import add_server_options, machine, prepare
from harness.servers import Server, ServerSpec

VALUE_BYTES = 32
SIZES = [6, 8, 10, 12, 14]
# Far enough away that nothing expires while it is measured.
TTL_S = b"1000000"
SETTLE_POLL_S = 0.5
SETTLE_S_MAX = 60
GROWTH_POLLS = 4  # an old table may still be freed
DELETION_POLLS = 20  # pages are given back little by little


def settled_bytes(server: Server, polls: int) -> int:
    """RSS once it has not fallen for that many polls."""
    lowest, steady = server.resident_bytes(), 0
    deadline = time.monotonic() + SETTLE_S_MAX
    while steady < polls and time.monotonic() < deadline:
        time.sleep(SETTLE_POLL_S)
        now = server.resident_bytes()
        steady = steady + 1 if now >= lowest * 0.995 else 0
        lowest = min(lowest, now)
    return lowest


def grow(server: Server, sizes: list[int], options: tuple[bytes, ...]) -> list[int]:
    """RSS at each number of keys, filled further and further."""
    measured, present = [], 0
    with server.connect() as connection:
        for size in sizes:
            load.fill(connection, present, size, load.value_of(VALUE_BYTES), *options)
            present = size
            if connection.call("DBSIZE") != size:
                raise SystemExit(f"{server.spec.name} lost keys")
            measured.append(settled_bytes(server, GROWTH_POLLS))
            print(f"{server.spec.name}: {size:,} keys, {measured[-1] / 1e6:,.0f} MB", file=sys.stderr, flush=True)
    return measured


def bytes_per_key(spec: ServerSpec, core: int, sizes: list[int], options: tuple[bytes, ...] = ()) -> list[float]:
    with Server(spec, core) as server:
        empty = server.resident_bytes()
        return [(measured - empty) / size for measured, size in zip(grow(server, sizes, options), sizes)]


def after_deletion(spec: ServerSpec, core: int, keys: int) -> tuple[int, int, int]:
    """RSS with all keys, after deleting nine of ten, and of a fresh server that never had more than the rest."""
    with Server(spec, core) as server:
        full = grow(server, [keys], ())[0]
        with server.connect() as connection:
            load.delete_all_but_every_tenth(connection, keys)
        left = settled_bytes(server, DELETION_POLLS)
    with Server(spec, core) as server:
        fresh = grow(server, [keys // 10], ())[0]
    return full, left, fresh


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/memory", description="Measures resident bytes per key.")
    add_server_options(parser)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), metavar="M,M,…", help="millions of keys")
    parser.add_argument("--delete", type=float, default=10, metavar="M", help="millions of keys of which 90%% go")
    return parser.parse_args(arguments)


def series_row(name: str, values: list[float]) -> list[str]:
    mean = sum(values) / len(values)
    return [name, *(f"{value:.1f}" for value in values), f"{mean:.1f}", f"{max(values):.1f}"]


def main(arguments: list[str]) -> int:
    options = parse_arguments(arguments)
    servers = prepare(options)
    core = options.cores[0]
    sizes = [int(float(text) * 1_000_000) for text in options.sizes.split(",")]
    growth, deletion = [], []
    for spec in servers:
        growth.append(series_row(spec.name, bytes_per_key(spec, core, sizes)))
        growth.append(series_row(f"{spec.name}, each with a TTL", bytes_per_key(spec, core, sizes, (b"EX", TTL_S))))
        full, left, fresh = after_deletion(spec, core, int(options.delete * 1_000_000))
        deletion.append([spec.name, *(f"{value / 1e6:,.0f}" for value in (full, left, fresh)), f"{left / fresh:.2f}"])
    columns = [f"{size / 1e6:g}M" for size in sizes]
    print(f"Resident bytes a key: keys of 16 bytes, values of {VALUE_BYTES}.\n")
    print(report.markdown(["server", *columns, "mean", "most"], growth))
    print(f"\nMB after deleting 90% of {options.delete:g}M keys, and of a fresh server with the rest.\n")
    print(report.markdown(["server", "before", "after", "fresh", "after / fresh"], deletion))
    print(f"\n{machine()}")
    return 0
