"""A small RESP client: enough to prefill a server through a pipeline and to ask it for INFO."""

import socket
from collections.abc import Iterable
from time import perf_counter

RECEIVE_BYTES = 1 << 18


class ReplyError(Exception):
    """The server answered with an error."""


def command(*arguments: bytes | str | int) -> bytes:
    parts = [argument if isinstance(argument, bytes) else str(argument).encode() for argument in arguments]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


class Connection:
    """One blocking connection; replies are read as RESP2 without nesting below arrays of bulks."""

    def __init__(self, port: int, timeout_s: float = 60, host: str = "127.0.0.1"):
        self.socket = socket.create_connection((host, port), timeout_s)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def close(self) -> None:
        self.socket.close()

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def call(self, *arguments: bytes | str | int):
        self.socket.sendall(command(*arguments))
        return self.reply()

    def info(self, section: str = "") -> dict[str, str]:
        text = self.call("INFO", section) if section else self.call("INFO")
        lines = text.decode("utf-8", "replace").splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line and not line.startswith("#"))

    def receive(self) -> None:
        received = self.socket.recv(RECEIVE_BYTES)
        if not received:
            raise ConnectionError("the server closed the connection")
        self.buffer += received

    def line(self) -> bytes:
        while b"\r\n" not in self.buffer:
            self.receive()
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line

    def exactly(self, size: int) -> bytes:
        while len(self.buffer) < size:
            self.receive()
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def reply(self):
        line = self.line()
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return rest
        if kind == b"-":
            raise ReplyError(rest.decode("utf-8", "replace"))
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self.exactly(int(rest) + 2)[:-2]
        if kind == b"*":
            return [self.reply() for _ in range(int(rest))]
        raise ConnectionError(f"not RESP: {line[:60]!r}")

    def pipeline_uniform(self, batches: Iterable[tuple[bytes, bytes]]) -> list[float]:
        """Sends each batch and compares its replies with what is expected; one batch is always on its way.

        Returns the seconds that each batch took from its sending to its last reply.
        """
        seconds, pending = [], None
        for request, expected in batches:
            started = perf_counter()
            self.socket.sendall(request)
            if pending is not None:
                seconds.append(self.finish(*pending))
            pending = (started, expected)
        if pending is not None:
            seconds.append(self.finish(*pending))
        return seconds

    def finish(self, started: float, expected: bytes) -> float:
        received = self.exactly(len(expected))
        if received != expected:
            raise ReplyError(f"unexpected reply in a pipeline: {first_difference(received, expected)!r}")
        return perf_counter() - started


def first_difference(received: bytes, expected: bytes) -> bytes:
    position = next(i for i, pair in enumerate(zip(received, expected)) if pair[0] != pair[1])
    start = received.rfind(b"\r\n", 0, position) + 2 if b"\r\n" in received[:position] else 0
    return received[start:start + 120]
