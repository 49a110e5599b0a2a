"""torc's command half as a process: tests/compat/recorder.cc behind a pipe."""

import os
import subprocess
from pathlib import Path

from resp import Reader, encode


class Recording:
    def __init__(self):
        binary = Path(os.environ["TORC_BUILD"]) / "tests" / "compat" / "compat_recorder"
        self._process = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._effects = b""

    def run(self, batch: list[list[bytes]]) -> list:
        data = b"".join(encode(command) for command in batch)
        self._process.stdin.write(b"%d\n" % len(data) + data)
        self._process.stdin.flush()
        sizes = self._process.stdout.readline().split()
        if len(sizes) != 2:
            raise EOFError("the recorder ended")
        replies = self._process.stdout.read(int(sizes[0]))
        self._effects = self._process.stdout.read(int(sizes[1]))
        return parse_all(replies)

    def effects(self) -> list[tuple]:
        effects = [tuple(item[1] for item in reply[1]) for reply in parse_all(self._effects)]
        return [e for e in effects if e[0] == b"E"] + [e for e in effects if e[0] == b"P"]

    def close(self) -> None:
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=20)


def parse_all(data: bytes) -> list:
    chunks = [data]
    reader = Reader(lambda: chunks.pop() if chunks else b"")
    replies = []
    try:
        while True:
            replies.append(reader.reply())
    except EOFError:
        return replies
