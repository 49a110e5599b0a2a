"""Data sets that are large values of one type, and those that are many small ones.

Each is filled by commands of many elements, a few of them under way at a time; what a run takes away or adds is put
back before the next one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness.load import value_of
from harness.resp import Connection, command

UNDER_WAY = 16


def call_all(connection: Connection, requests: Iterator[bytes]) -> None:
    """Any replies but errors."""
    pending = 0
    for request in requests:
        connection.socket.sendall(request)
        pending += 1
        if pending == UNDER_WAY:
            connection.reply()
            pending -= 1
    for _ in range(pending):
        connection.reply()


@dataclass(frozen=True)
class Collection:
    """elements of `key`, each made of its number by words_of; per_command of them in each command."""

    name: str
    key: str
    command: str
    elements: int
    words_of: Callable[[int], list]
    per_command: int = 500
    value_bytes: int = 32
    after: tuple[str, ...] = ()  # commands behind it
    refilled: bool = False  # before each run

    @property
    def keys(self) -> int:
        """What redis-benchmark's random numbers are below."""
        return self.elements

    def describe(self) -> str:
        words = " ".join(str(word if not isinstance(word, bytes) else word.decode()) for word in self.words_of(7))
        lines = [f"{self.command} {self.key} {words}", *self.after]
        return f"{self.elements:,} × " + ", ".join(f"`{line}`" for line in lines)

    def fill(self, connection: Connection) -> None:
        connection.call("DEL", self.key)
        call_all(connection, self._requests())
        for line in self.after:
            connection.call(*line.split())

    def refill(self, connection: Connection) -> None:
        if self.refilled:
            self.fill(connection)

    def _requests(self) -> Iterator[bytes]:
        for start in range(0, self.elements, self.per_command):
            words = []
            for number in range(start, min(start + self.per_command, self.elements)):
                words += self.words_of(number)
            yield command(self.command, self.key, *words)


@dataclass(frozen=True)
class Two:
    """Two collections together."""

    name: str
    first: Collection
    second: Collection
    value_bytes: int = 32

    @property
    def keys(self) -> int:
        return self.first.keys

    def describe(self) -> str:
        return f"{self.first.describe()}; {self.second.describe()}"

    def fill(self, connection: Connection) -> None:
        self.first.fill(connection)
        self.second.fill(connection)

    def refill(self, connection: Connection) -> None:
        pass


def element(number: int) -> str:
    return f"element:{number:012d}"


def scattered(number: int, bits: int = 20) -> int:
    """Numbers in an order that is none."""
    return number * 0x9E3779B1 % (1 << bits)


MILLION = 1_000_000
SET = Collection("set", "myset", "SADD", MILLION, lambda n: [element(n)])
SET_TO_POP = Collection("set to be popped", "myset", "SADD", 2 * MILLION, lambda n: [element(n)], refilled=True)
HASH = Collection("hash", "myhash", "HSET", MILLION, lambda n: [element(n), value_of(32)])
ZSET = Collection("sorted set", "myzset", "ZADD", MILLION, lambda n: [scattered(n), element(n)])
ZSET_TO_POP = Collection("sorted set to be popped", "myzset", "ZADD", 2 * MILLION,
                         lambda n: [scattered(n, 21), element(n)], refilled=True)
EMPTY_LIST = Collection("empty list", "mylist", "RPUSH", 0, lambda n: [value_of(32)], refilled=True)
LIST_TO_POP = Collection("list to be popped", "mylist", "RPUSH", 4 * MILLION, lambda n: [value_of(32)], refilled=True)
LIST = Collection("list", "mylist", "RPUSH", 10_000, lambda n: [value_of(32)])
EMPTY_STREAM = Collection("empty stream", "mystream", "XADD", 0, lambda n: [], refilled=True)
STREAM = Collection("stream with a group", "mystream", "XADD", MILLION,
                    lambda n: [f"{n + 1}-0", "f1", "value1", "f2", "value2", "f3", "value3"], per_command=1,
                    after=("XGROUP CREATE mystream mygroup 0",), refilled=True)
SETS = Two("two sets", Collection("a", "seta", "SADD", 100_000, lambda n: [element(n)]),
           Collection("b", "setb", "SADD", 100_000, lambda n: [element(n * 2)]))
SKETCHES = Two("two dense HyperLogLogs", Collection("a", "hlla", "PFADD", 100_000, lambda n: [element(n)]),
               Collection("b", "hllb", "PFADD", 100_000, lambda n: [element(n + 50_000)]))
GEO = Collection("places", "mygeo", "GEOADD", MILLION,
                 lambda n: [f"{scattered(n) / (1 << 20) * 4 + 10:.6f}", f"{scattered(n * 7) / (1 << 20) * 4 + 40:.6f}",
                            element(n)])
