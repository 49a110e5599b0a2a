"""bench/eviction: how often a cache that is too small has what is asked for, under each maxmemory policy.

The trace is Zipf-distributed and the same for every server; a key that misses is set, as a cache's user does. The limit
is not the same number of bytes for all, because then the server that needs fewer bytes a key would keep more of them:
it is what the server uses with --capacity keys in it, so that each keeps about that many. Requests come at a constant
rate, because LRU counts in seconds and LFU in minutes.
"""

import argparse
import random
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from harness import load, report
from harness.options import add_server_options, machine, prepare
from harness.resp import Connection
from harness.servers import Server, ServerSpec

BATCH = 100
POLICIES = ("allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-lfu", "volatile-random",
            "volatile-ttl")
LIFETIME_S = 100_000  # longer than any run
MISS = b"$-1\r\n"


@dataclass
class Plan:
    capacity: int  # keys that the cache holds
    keys: int  # that are asked for
    requests: int
    rate: int  # requests a second
    skew: float  # of the Zipf distribution
    value_bytes: int = 100
    seed: int = 1

    def trace(self) -> list[int]:
        """Key numbers; frequent ones are scattered among the others."""
        generator = random.Random(self.seed)
        names = list(range(self.keys))
        generator.shuffle(names)
        weights = list(accumulate(1 / rank**self.skew for rank in range(1, self.keys + 1)))
        return generator.choices(names, cum_weights=weights, k=self.requests)


def exact_lru(trace: list[int], capacity: int) -> float:
    """The hit ratio of a cache that knows the true order."""
    cache: OrderedDict[int, None] = OrderedDict()
    hits = 0
    for key in trace:
        if key in cache:
            hits += 1
            cache.move_to_end(key)
            continue
        cache[key] = None
        if len(cache) > capacity:
            cache.popitem(last=False)
    return hits / len(trace)


def get_batch(keys: list[int]) -> bytes:
    return b"".join(b"*2\r\n$3\r\nGET\r\n$16\r\n" + load.KEY % key + b"\r\n" for key in keys)


def missing(connection: Connection, keys: list[int], value_bytes: int) -> Iterator[int]:
    """Reads the replies to get_batch()."""
    found_rest = len(b"$%d\r\n" % value_bytes) + value_bytes + 2 - len(MISS)
    for key in keys:
        if connection.exactly(len(MISS)) == MISS:
            yield key
        else:
            connection.exactly(found_rest)


def replay(connection: Connection, plan: Plan, trace: list[int], template: bytes) -> float:
    """The hit ratio over the second half of the trace; the first one fills the cache."""
    misses = 0
    begin = time.monotonic()
    for start in range(0, len(trace), BATCH):
        keys = trace[start:start + BATCH]
        time.sleep(max(0.0, begin + start / plan.rate - time.monotonic()))
        connection.socket.sendall(get_batch(keys))
        absent = list(missing(connection, keys, plan.value_bytes))
        connection.pipeline_uniform([(b"".join(template % key for key in absent), b"+OK\r\n" * len(absent))])
        misses += len(absent) if start >= len(trace) // 2 else 0
    return 1 - misses / (len(trace) - len(trace) // 2)


def calibrate(connection: Connection, plan: Plan, template: bytes) -> int:
    """The bytes that the server uses with as many keys as it is to keep."""
    connection.pipeline_uniform(load.batches(0, plan.capacity, lambda number: template % number, b"+OK\r\n"))
    return int(connection.info("memory")["used_memory"])


def measure(spec: ServerSpec, core: int, plan: Plan, policy: str, trace: list[int]) -> list[str]:
    """A row of the table."""
    options = (b"EX", b"%d" % LIFETIME_S) if policy.startswith("volatile") else ()
    template = load.set_template(load.KEY, load.value_of(plan.value_bytes), *options)
    with Server(spec, core) as server, server.connect() as connection:
        limit = calibrate(connection, plan, template)
        connection.call("CONFIG", "SET", "maxmemory", limit, "maxmemory-policy", policy)
        ratio = replay(connection, plan, trace, template)
        kept = connection.call("DBSIZE")
        evicted = int(connection.info("stats")["evicted_keys"])
    return [f"{policy}, {spec.name}", f"{ratio:.2%}", f"{kept:,}", f"{evicted:,}", f"{limit / plan.capacity:.0f}"]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench/eviction", description="Compares hit ratios of maxmemory policies.")
    parser.add_argument("policies", nargs="*", metavar="POLICY", help=f"of {', '.join(POLICIES)} (default: all)")
    add_server_options(parser)
    parser.add_argument("--capacity", type=int, default=50_000, help="keys that the cache holds (default 50,000)")
    parser.add_argument("--keys", type=int, default=500_000, help="keys that are asked for (default 500,000)")
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--rate", type=int, default=50_000, help="requests a second (default 50,000)")
    parser.add_argument("--skew", type=float, default=0.99, help="of the Zipf distribution (default 0.99)")
    options = parser.parse_args(arguments)
    if unknown := set(options.policies) - set(POLICIES):
        parser.error(f"no such policy: {', '.join(sorted(unknown))}")
    plan = Plan(options.capacity, options.keys, options.requests, options.rate, options.skew)
    trace = plan.trace()
    servers = prepare(options)
    rows = [measure(spec, options.cores[0], plan, policy, trace)
            for policy in options.policies or POLICIES for spec in servers]
    print(f"{plan.requests:,} requests for {plan.keys:,} keys, Zipf {plan.skew}, at {plan.rate:,} a second; "
          f"room for {plan.capacity:,} keys. A cache that knows the true order of use has "
          f"{exact_lru(trace, plan.capacity):.2%} of all of them.\n")
    print(report.markdown(["policy, server", "hits in the second half", "keys kept", "evicted", "bytes a key"], rows))
    print(f"\n{machine()}")
    return 0
