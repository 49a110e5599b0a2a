"""A real torc-server on a free port of the loopback, and raw connections to it."""

import os
import resource
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import redis

START_TIMEOUT_S = 20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def allow_cores() -> None:
    most = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))


def environment_of_a_crash() -> dict[str, str]:
    # The report allocates in the signal's handler: the process ends afterwards, and what fails is left out.
    silenced = "report_signal_unsafe=0:handle_segv=0:handle_abort=0"
    return {**os.environ, "TSAN_OPTIONS": f"{os.environ.get('TSAN_OPTIONS', '')}:{silenced}"}


class Server:
    """Options are those of the command line: Server("--maxclients", "10").

    crashes: it is to end by a signal, and ThreadSanitizer has nothing to say of that.
    cores: a core dump goes to the server's directory, where the machine writes them as files.
    """

    def __init__(self, *options: str, config: str = "", expect_start: bool = True, crashes: bool = False,
                 cores: bool = False):
        self.directory = tempfile.TemporaryDirectory(prefix="torc-server-")
        self.port = free_port()
        self.log_path = Path(self.directory.name) / "log"
        arguments = [os.environ["TORC_SERVER"]]
        if config:
            path = Path(self.directory.name) / "torc.conf"
            path.write_text(config)
            arguments.append(str(path))
        arguments += ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.directory.name]
        features = os.environ.get("TORC_RING_FEATURES")
        arguments += ["--torc-ring-features", features] if features else []
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen([*arguments, *options], stdout=log, stderr=log,
                                            env=environment_of_a_crash() if crashes else None,
                                            cwd=self.directory.name if cores else "/",
                                            preexec_fn=allow_cores if cores else None)
        if expect_start:
            self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while "Ready to accept connections" not in self.log():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("torc-server did not start:\n" + self.log())
            time.sleep(0.02)

    def peak_bytes(self) -> int:
        """The most memory that was ever resident."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) * 1024

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def client(self, **options) -> redis.Redis:
        return redis.Redis(port=self.port, socket_timeout=20, **options)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            self.directory.cleanup()


class ServerTest(unittest.TestCase):
    """One server for the tests of a class."""

    options: tuple[str, ...] = ()

    @classmethod
    def setUpClass(cls) -> None:
        cls.server = Server(*cls.options)

    @classmethod
    def tearDownClass(cls) -> None:
        status = cls.server.stop()
        if status != 0:
            raise AssertionError(f"the server ended with {status}")

    def setUp(self) -> None:
        self.redis = self.server.client(decode_responses=True)
        self.addCleanup(self.redis.close)

    def raw(self, data: bytes, size: int | None = None) -> bytes:
        """Sends, and receives size bytes or until the server closes."""
        with self.server.connect() as connection:
            connection.sendall(data)
            return receive(connection, size)


def receive(connection: socket.socket, size: int | None = None) -> bytes:
    received = b""
    while size is None or len(received) < size:
        try:
            piece = connection.recv(1 << 16)
        except ConnectionResetError:
            break
        if not piece:
            break
        received += piece
    return received
