"""Runs one program in a session of its own, so that a timeout takes its children along, and keeps what it printed."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass

OUTPUT_BYTES_MAX = 8 * 1024 * 1024  # of what is kept in memory; the rest stays in the file that is thrown away


@dataclass
class Finished:
    status: int | None  # exit status, minus a signal number, or None after a timeout
    output: str
    seconds: float

    def describe(self) -> str:
        if self.status is None:
            return f"timed out after {self.seconds:.0f} s"
        if self.status < 0:
            return f"killed by {signal.Signals(-self.status).name}"
        return f"exit status {self.status}"


def kill_session(pid: int) -> None:
    """Ends what is left of the group that the program led."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def read_tail(file) -> str:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - OUTPUT_BYTES_MAX))
    return file.read().decode("utf-8", "replace")


def run(command: list[str], directory: str, environment: dict[str, str], timeout_s: float, output_file) -> Finished:
    """Runs to the end or to the timeout; output_file (binary, readable) takes standard output and error."""
    started = time.monotonic()
    try:
        child = subprocess.Popen(command, cwd=directory, env=environment, stdin=subprocess.DEVNULL,
                                 stdout=output_file, stderr=subprocess.STDOUT, start_new_session=True)
    except OSError as error:
        return Finished(127, f"cannot start {command[0]}: {error}\n", 0.0)
    try:
        status: int | None = child.wait(timeout_s)
    except subprocess.TimeoutExpired:
        status = None
    finally:
        kill_session(child.pid)
        child.wait()
    return Finished(status, read_tail(output_file), time.monotonic() - started)
