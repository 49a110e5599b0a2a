"""bench/growth: no pause while the table grows.

Keys go in through one pipeline; torc says how much growth added to a tick at most (INFO tick), and the pipeline's
slowest batch shows what a client of any server felt.
"""

import argparse

from harness import load, report
from harness.gaps import measure_gaps
from harness.options import add_server_options, machine, prepare
from harness.resp import Connection, ReplyError
from harness.servers import Server, ServerSpec

# INFO tick, in microseconds: the longest command that made the table grow, and the longest tick at all.
GROWTH_FIELD = "tick_growth_us_max"
TICK_FIELD = "tick_us_max"


def tick_figures(connection: Connection) -> list[str]:
    try:
        info = connection.info("tick")
    except ReplyError:
        info = {}
    return [info.get(GROWTH_FIELD, "–"), info.get(TICK_FIELD, "–")]


def quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def measure(spec: ServerSpec, core: int, keys: int) -> list[str]:
    """A row of the table."""
    with Server(spec, core) as server, server.connect() as connection:
        seconds = load.fill(connection, 0, keys, load.value_of(32))
        if connection.call("DBSIZE") != keys:
            raise SystemExit(f"{spec.name} lost keys")
        milliseconds = [1000 * second for second in seconds]
        batches = [f"{figure:.2f}" for figure in (quantile(milliseconds, 0.5), quantile(milliseconds, 0.999),
                                                  max(milliseconds))]
        return [spec.name, *tick_figures(connection), *batches, f"{server.cpu_s() * 1e6 / keys:.2f}"]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench/growth", description="Looks for pauses while the table grows.")
    add_server_options(parser)
    parser.add_argument("--keys", type=float, default=20, metavar="M", help="millions (default 20)")
    options = parser.parse_args(arguments)
    keys = int(options.keys * 1_000_000)
    rows = [measure(spec, options.cores[0], keys) for spec in prepare(options)]
    header = ["server", "growth adds to a tick, max µs", "tick, max µs", "batch p50 ms", "p99.9 ms", "max ms",
              "CPU µs a SET"]
    print(f"{keys:,} keys through one pipeline in batches of {load.BATCH_BYTES >> 10} KiB.\n")
    print(report.markdown(header, rows))
    print(f"\n{measure_gaps(options.cores[0])}\n{machine()}")
    return 0
