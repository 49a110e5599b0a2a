"""Starts and stops the servers that are compared: each pinned to a core, on a free port, with a scratch directory.

A server that is not being measured is stopped with SIGSTOP, so that its housekeeping disturbs nobody. Children die with
this process, however it ends.
"""

import ctypes
import os
import shlex
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from harness import cpu
from harness.resp import Connection, ReplyError

PORT_MIN = 17000
PORT_MAX = 32000
START_S_MAX = 30
STOP_S_MAX = 20
COMMON = "--port {port} --bind 127.0.0.1 --save '' --appendonly no --dir {directory}"
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


def die_with_parent() -> None:
    """Runs in the child between fork and exec."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def free_port() -> int:
    start = PORT_MIN + os.getpid() % 5000
    for port in range(start, PORT_MAX):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise OSError("no free port")


class ServerSpec:
    """A name and a command line with {port} and, where wanted, {directory}."""

    def __init__(self, name: str, template: str):
        if "{port}" not in template:
            raise ValueError(f"the command line of {name} must contain {{port}}")
        self.name = name
        self.template = template

    @classmethod
    def parse(cls, text: str) -> "ServerSpec":
        """From NAME=COMMAND."""
        name, equals, template = text.partition("=")
        if not equals or not name:
            raise ValueError(f"not NAME='command --port {{port}}': {text}")
        return cls(name, template)


class Server:
    def __init__(self, spec: ServerSpec, core: int):
        self.spec = spec
        self.core = core
        self.process: subprocess.Popen | None = None

    def __enter__(self) -> "Server":
        self.directory = tempfile.TemporaryDirectory(prefix="torc-bench-")
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.stop()
        self.directory.cleanup()

    @property
    def pid(self) -> int:
        return self.process.pid

    def command(self) -> list[str]:
        text = self.spec.template.format(port=self.port, directory=self.directory.name)
        return ["taskset", "-c", str(self.core), *shlex.split(text)]

    def start(self) -> None:
        self.port = free_port()
        self.log = Path(self.directory.name) / "server.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=subprocess.STDOUT, preexec_fn=die_with_parent)
        deadline = time.monotonic() + START_S_MAX
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{self.spec.name} did not start: {shlex.join(self.command())}\n"
                                 + self.log.read_text("utf-8", "replace")[-2000:])
            time.sleep(0.05)

    def answers(self) -> bool:
        """Whether it serves, and is ours: somebody else may have taken the port meanwhile."""
        try:
            with self.connect(timeout_s=2) as connection:
                if connection.call("PING") != b"PONG":
                    return False
                return connection.info("server").get("process_id", str(self.pid)) == str(self.pid)
        except (OSError, ReplyError):
            return False

    def connect(self, timeout_s: float = 120) -> Connection:
        return Connection(self.port, timeout_s)

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.resume()
        self.process.terminate()
        try:
            self.process.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def pause(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def cpu_s(self) -> float:
        return cpu.process_cpu_s(self.pid)

    def resident_bytes(self) -> int:
        return cpu.resident_bytes(self.pid)


def specs(redis: str, torc: str, others: list[str]) -> list[ServerSpec]:
    """redis-server first: ratios refer to the first."""
    found = [ServerSpec("redis-server", f"{redis} {COMMON}")] if redis else []
    found += [ServerSpec.parse(text) for text in others]
    if torc:
        found.append(ServerSpec("torc", f"{torc} {COMMON}"))
    return found
