"""A redis-server with everything it tells the outside: replies, keyspace events, and the stream of a replica.

After each batch a marker is published and propagated (PUBLISH reaches both), so what belongs to the batch is known
exactly.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time

from resp import Connection

MARKER = b"compat-marker"
EVENT_CHANNEL = b"__keyevent@"


def find() -> str | None:
    """TORC_ORACLE, or redis-server of the PATH."""
    return os.environ.get("TORC_ORACLE") or shutil.which("redis-server")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def connect(port: int) -> Connection:
    """To a server that may still be starting."""
    deadline = time.monotonic() + 20
    while True:
        try:
            return Connection(port)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


class Oracle:
    def __init__(self, binary: str):
        self._directory = tempfile.TemporaryDirectory(prefix="torc-compat-")
        port = free_port()
        self._process = subprocess.Popen(
            [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", self._directory.name,
             "--notify-keyspace-events", "AKEmn", "--repl-diskless-sync-delay", "0", "--repl-timeout", "36000",
             "--repl-ping-replica-period", "36000", "--enable-debug-command", "yes", "--proto-max-bulk-len", "512mb",
             "--client-output-buffer-limit", "replica 0 0 0", "--client-output-buffer-limit", "pubsub 0 0 0"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._connections: list[Connection] = []
        self.client = self._connect(port)
        info = self.client.call("info", "server")[1].decode()
        self.version = info.split("redis_version:")[1].split()[0]
        self._control = self._connect(port)
        self._control.call("debug", "set-active-expire", "0")
        self._events = self._subscribe(port)
        self._stream = self._replicate(port)
        self._stream_database = 0

    def run(self, batch: list[list[bytes]]) -> list:
        self.client.send(*batch)
        return [self.client.reader.reply() for _ in batch]

    def effects(self) -> list[tuple]:
        """Since the last call: ("E", database, event, key), then ("P", database, command, arguments ...)."""
        self._control.call("publish", MARKER.decode(), "x")
        return self._read_events() + self._read_stream()

    def _read_events(self) -> list[tuple]:
        events = []
        while True:
            words = [item[1] for item in self._events.reader.reply()[1]]
            if words[2] == MARKER:
                return events
            if words[2].startswith(EVENT_CHANNEL):
                database, _, event = words[2][len(EVENT_CHANNEL):].partition(b"__:")
                events.append((b"E", database, event, words[3]))

    def _read_stream(self) -> list[tuple]:
        commands = []
        while True:
            words = [item[1] for item in self._stream.reader.reply()[1]]
            if words[0].lower() == b"publish" and words[1] == MARKER:
                return commands
            if words[0].lower() == b"select":
                self._stream_database = int(words[1])
            elif words[0].lower() != b"ping":
                commands.append((b"P", b"%d" % self._stream_database, *words))

    def _connect(self, port: int) -> Connection:
        connection = connect(port)
        self._connections.append(connection)
        return connection

    def _subscribe(self, port: int) -> Connection:
        connection = self._connect(port)
        connection.call("psubscribe", "*")
        return connection

    def _replicate(self, port: int) -> Connection:
        connection = self._connect(port)
        connection.call("replconf", "listening-port", "1")
        connection.send([b"PSYNC", b"?", b"-1"])
        connection.reader.reply()
        while (head := connection.reader.line_after_newlines())[:1] != b"$":
            pass
        connection.reader.take(int(head[1:]))
        return connection

    def close(self) -> None:
        for connection in self._connections:
            connection.close()
        self._process.terminate()
        self._process.wait(timeout=20)
        self._directory.cleanup()
