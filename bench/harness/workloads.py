"""What redis-benchmark is asked to do: a workload is a test with a depth and a number of connections, over a data set.

On the command line: NAME[-cCONNECTIONS][@DEPTH], e.g. get@16 or set-c1000. Everything else that decides a run (value
size, range of keys, prefill) belongs to the name and is printed with the results.
"""

import re
import shlex
from dataclasses import dataclass

from harness import collections, load
from harness.resp import Connection

CONNECTIONS = 50
DEFAULTS = ("ping get set get@16 set@16 get@64 set@64 incr@16 mset@16 get-c1000 set-c1000 get-c1 set-c1 "
            "get16k set16k get1m set1m").split()
SPELLING = re.compile(r"(?P<name>[a-z0-9_]+?)(?:-c(?P<connections>\d+))?(?:@(?P<depth>\d+))?")


@dataclass(frozen=True)
class DataSet:
    """Keys that all exist before a run: key % 0 … key % (keys - 1)."""

    name: str
    keys: int
    value_bytes: int
    key: bytes = load.KEY

    def refill(self, connection: Connection) -> None:
        """Runs leave all keys there."""

    def describe(self) -> str:
        name = self.key.decode().replace("%012d", "<12 digits>")
        return f"{self.keys:,} keys `{name}` with values of {self.value_bytes:,} bytes"

    def fill(self, connection: Connection) -> None:
        value = b"0" if self.key == load.COUNTER else load.value_of(self.value_bytes)
        load.fill(connection, 0, self.keys, value, key=self.key)
        present = connection.call("DBSIZE")
        if present != self.keys:
            raise SystemExit(f"prefill left {present} keys instead of {self.keys}")


SMALL = DataSet("small", 1_000_000, 32)
COUNTERS = DataSet("counters", 1_000_000, 1, load.COUNTER)
KIB16 = DataSet("16 KiB", 10_000, 16 << 10)
MIB1 = DataSet("1 MiB", 200, 1 << 20)


@dataclass(frozen=True)
class Test:
    arguments: tuple[str, ...]  # the end of redis-benchmark's command line
    data: DataSet | collections.Collection | collections.Two
    guess_rps: int  # roughly, at depth 1, to size the first trial
    requests_max: int = 1 << 40  # more would run dry


TESTS = {
    "ping": Test(("-t", "ping_mbulk"), SMALL, 100_000),
    "get": Test(("-t", "get"), SMALL, 100_000),
    "set": Test(("-t", "set"), SMALL, 100_000),
    "mset": Test(("-t", "mset"), SMALL, 60_000),
    "incr": Test(("-t", "incr"), COUNTERS, 100_000),
    "get16k": Test(("-t", "get"), KIB16, 50_000),
    "set16k": Test(("-t", "set"), KIB16, 40_000),
    "get1m": Test(("-t", "get"), MIB1, 2_000),
    "set1m": Test(("-t", "set"), MIB1, 1_000),
}


def of_type(line: str, data, guess_rps: int = 80_000, requests_max: int = 1 << 40) -> Test:
    return Test(tuple(line.split()), data, guess_rps, requests_max)


VALUE = load.value_of(32).decode()
MEMBER = "element:__rand_int__"
TYPES = {
    "sadd": of_type(f"SADD myset {MEMBER}", collections.SET),
    "spop": of_type("SPOP myset", collections.SET_TO_POP, requests_max=2_000_000),
    "hset": of_type(f"HSET myhash {MEMBER} {VALUE}", collections.HASH),
    "hget": of_type(f"HGET myhash {MEMBER}", collections.HASH),
    "zadd": of_type(f"ZADD myzset __rand_int__ {MEMBER}", collections.ZSET),
    "zrank": of_type(f"ZRANK myzset {MEMBER}", collections.ZSET),
    "zrangebyscore": of_type("ZRANGEBYSCORE myzset __rand_int__ +inf LIMIT 0 100", collections.ZSET, 30_000),
    "zpopmin": of_type("ZPOPMIN myzset", collections.ZSET_TO_POP, requests_max=2_000_000),
    "lpush": of_type(f"LPUSH mylist {VALUE}", collections.EMPTY_LIST),
    "rpush": of_type(f"RPUSH mylist {VALUE}", collections.EMPTY_LIST),
    "lpop": of_type("LPOP mylist", collections.LIST_TO_POP, requests_max=4_000_000),
    "rpop": of_type("RPOP mylist", collections.LIST_TO_POP, requests_max=4_000_000),
    "lrange100": of_type("LRANGE mylist 0 99", collections.LIST, 30_000),
    "lrange600": of_type("LRANGE mylist 0 599", collections.LIST, 10_000),
    "xadd": of_type("XADD mystream * f1 value1 f2 value2 f3 value3", collections.EMPTY_STREAM),
    "xreadgroup": of_type("XREADGROUP GROUP mygroup c COUNT 10 STREAMS mystream >", collections.STREAM, 30_000,
                          requests_max=100_000),
    "sinter": of_type("SINTER seta setb", collections.SETS, 100),
    "sintercard": of_type("SINTERCARD 2 seta setb", collections.SETS, 100),
    "pfmerge": of_type("PFMERGE hllc hlla hllb", collections.SKETCHES, 10_000),
    "pfcount2": of_type("PFCOUNT hlla hllb", collections.SKETCHES, 10_000),
    "geosearch": of_type("GEOSEARCH mygeo FROMLONLAT 12 42 BYRADIUS 2.2 km", collections.GEO, 10_000),
}
TITLES = {"ping": "PING", "get": "GET", "set": "SET", "mset": "MSET of 10", "incr": "INCR", "get16k": "GET 16 KiB",
          "set16k": "SET 16 KiB", "get1m": "GET 1 MiB", "set1m": "SET 1 MiB"}
TITLES |= {name: name.upper() for name in TYPES}
TESTS |= TYPES


@dataclass(frozen=True)
class Workload:
    title: str
    test: Test
    connections: int
    depth: int

    @property
    def trial_requests(self) -> int:
        """About a third of a second's work."""
        guess = self.test.guess_rps * min(self.depth, 8) // (5 if self.connections == 1 else 1)
        return max(self.connections * self.depth, guess // 3)

    def command(self, client: str, core: int, port: int | str, requests: int) -> list[str]:
        data = self.test.data
        return ["taskset", "-c", str(core), client, "-h", "127.0.0.1", "-p", str(port), "-c", str(self.connections),
                "-P", str(self.depth), "-n", str(requests), "-r", str(data.keys), "-d", str(data.value_bytes), "--csv",
                *self.test.arguments]


def parse(text: str) -> Workload:
    match = SPELLING.fullmatch(text)
    if not match or match["name"] not in TESTS:
        raise ValueError(f"no such workload: {text} (NAME[-cCONNECTIONS][@DEPTH] with NAME of {', '.join(TESTS)})")
    connections, depth = int(match["connections"] or CONNECTIONS), int(match["depth"] or 1)
    return Workload(title_of(TITLES[match["name"]], connections, depth), TESTS[match["name"]], connections, depth)


def parse_custom(text: str, connections: int, depth: int) -> Workload:
    """A command line of its own, e.g. "GETRANGE key:__rand_int__ 0 9", over the small data set."""
    return Workload(title_of(f"`{text}`", connections, depth), Test(tuple(shlex.split(text)), SMALL, 100_000),
                    connections, depth)


def title_of(name: str, connections: int, depth: int) -> str:
    if connections == CONNECTIONS:
        return f"{name}, P={depth}"
    return f"{name}, P={depth}, c={connections}"
