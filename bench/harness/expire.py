"""bench/expire: keys that expire at a high rate while nobody touches them, and how many of those present are overdue.

Keys are loaded with deadlines that start in the future and then pass at a constant rate, for longer than is measured,
so that millions are still present at the end. The share is (DBSIZE - keys whose deadline lies ahead) / DBSIZE, by the
wall clock that server and benchmark share.
"""

import argparse
import time
from dataclasses import dataclass

from harness import load, report
from harness.options import add_server_options, machine, prepare
from harness.resp import Connection
from harness.servers import Server, ServerSpec

SAMPLE_S = 0.1
TRIAL_KEYS = 100_000
LOAD_MARGIN = 1.5
LOAD_GRACE_S = 2
TAIL_S = 8  # of deadlines behind the measured time


@dataclass
class Plan:
    rate: int  # expirations a second, a multiple of 1000
    seconds: int
    first_ms: int = 0  # Unix time of the first deadline

    @property
    def keys(self) -> int:
        return self.rate * (self.seconds + TAIL_S)

    def ahead(self, now_ms: float) -> float:
        """How many keys have their deadline in the future."""
        passed = (now_ms - self.first_ms + 1) * self.rate / 1000
        return min(self.keys, max(0.0, self.keys - passed))


def wall_ms() -> float:
    return time.time() * 1000


def fill(connection: Connection, plan: Plan) -> None:
    started = time.monotonic()
    load.fill_expiring(connection, TRIAL_KEYS, int(wall_ms()) + 3_600_000, 1)
    connection.call("FLUSHALL")
    load_s = (time.monotonic() - started) * plan.keys / TRIAL_KEYS
    plan.first_ms = int(wall_ms() + 1000 * (load_s * LOAD_MARGIN + LOAD_GRACE_S))
    load.fill_expiring(connection, plan.keys, plan.first_ms, plan.rate // 1000)
    if wall_ms() > plan.first_ms:
        raise SystemExit("the first deadlines passed while keys were still being loaded: the machine is too busy")


def sample(connection: Connection, plan: Plan) -> list[float]:
    """The share of overdue keys, every 100 ms while deadlines pass."""
    shares = []
    time.sleep(max(0.0, (plan.first_ms - wall_ms()) / 1000))
    end_ms = plan.first_ms + 1000 * plan.seconds
    while wall_ms() < end_ms:
        time.sleep(SAMPLE_S)
        before = wall_ms()
        present = connection.call("DBSIZE")
        ahead = plan.ahead((before + wall_ms()) / 2)
        shares.append(max(0.0, present - ahead) / present if present else 0.0)
    return shares


def measure(spec: ServerSpec, core: int, rate: int, seconds: int) -> list[str]:
    """A row of the table."""
    plan = Plan(rate, seconds)
    with Server(spec, core) as server, server.connect() as connection:
        fill(connection, plan)
        cpu_before = server.cpu_s()
        started = time.monotonic()
        shares = sample(connection, plan)
        cpu_share = (server.cpu_s() - cpu_before) / (time.monotonic() - started)
        expired = int(connection.info("stats").get("expired_keys", 0))
    return [spec.name, f"{expired / seconds:,.0f}", f"{sum(shares) / len(shares):.2%}", f"{max(shares):.2%}",
            f"{cpu_share:.0%}"]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench/expire", description="Measures how far expiry lags behind.")
    add_server_options(parser)
    parser.add_argument("--rate", type=int, default=500_000, help="expirations a second (default 500,000)")
    parser.add_argument("--seconds", type=int, default=10)
    options = parser.parse_args(arguments)
    if options.rate % 1000 or options.rate <= 0:
        parser.error("--rate is a multiple of 1000")
    rows = [measure(spec, options.cores[0], options.rate, options.seconds) for spec in prepare(options)]
    print(f"{options.rate:,} deadlines pass a second for {options.seconds} s; nobody reads the keys.\n")
    print(report.markdown(["server", "expired a second", "overdue, mean", "overdue, most", "CPU"], rows))
    print(f"\n{machine()}")
    return 0
