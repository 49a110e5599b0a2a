"""Fills a server with keys that all exist: "key:%012d" as redis-benchmark names them, from 0 upwards.

redis-benchmark can only fill at random, which leaves a third of the keys out; so the bytes are made here, a batch at a
time.
"""

from collections.abc import Callable, Iterator

from harness.resp import Connection

BATCH_BYTES = 1 << 16
KEY = b"key:%012d"
COUNTER = b"counter:%012d"


def value_of(size: int) -> bytes:
    """Bytes that are no number and no single repeated character."""
    return (b"v" + b"abcdefghijklmnopqrstuvwxyz" * (size // 26 + 1))[:size]


def batches(first: int, last: int, request_of: Callable[[int], bytes], reply: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Requests for the numbers [first, last), each answered by the same reply."""
    per_batch = max(1, BATCH_BYTES // len(request_of(first)))
    for start in range(first, last, per_batch):
        numbers = range(start, min(start + per_batch, last))
        yield b"".join(map(request_of, numbers)), reply * len(numbers)


def set_template(key: bytes, value: bytes, *options: bytes) -> bytes:
    """The request as a %-format that takes the key's number."""
    key_size = len(key % 0)
    parts = [b"$3\r\nSET", b"$%d\r\n" % key_size + key, b"$%d\r\n" % len(value) + value.replace(b"%", b"%%")]
    parts += [b"$%d\r\n%s" % (len(option), option) for option in options]
    return b"*%d\r\n" % len(parts) + b"\r\n".join(parts) + b"\r\n"


def fill(connection: Connection, first: int, last: int, value: bytes, *options: bytes, key: bytes = KEY) -> list[float]:
    """SETs the keys [first, last); returns the seconds of each batch."""
    template = set_template(key, value, *options)
    return connection.pipeline_uniform(batches(first, last, lambda number: template % number, b"+OK\r\n"))


def fill_expiring(connection: Connection, count: int, first_ms: int, per_ms: int) -> list[float]:
    """SETs count keys with 32-byte values; from the Unix time first_ms on, per_ms of them expire each millisecond."""
    template = set_template(KEY, value_of(32), b"PXAT", b"D" * 13).replace(b"D" * 13, b"%013d")

    def request(number: int) -> bytes:
        return template % (number, first_ms + number // per_ms)

    return connection.pipeline_uniform(batches(0, count, request, b"+OK\r\n"))


def delete_all_but_every_tenth(connection: Connection, count: int) -> None:
    """DELs nine of ten of the keys [0, count); count is a multiple of ten."""

    def request(tenth: int) -> bytes:
        keys = [KEY % (tenth * 10 + digit) for digit in range(1, 10)]
        return b"*10\r\n$3\r\nDEL\r\n" + b"".join(b"$16\r\n%s\r\n" % key for key in keys)

    connection.pipeline_uniform(batches(0, count // 10, request, b":9\r\n"))
