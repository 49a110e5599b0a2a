"""Just enough of RESP2 and RESP3 to compare two servers: replies keep their type, so that :1 and $1 differ."""

import socket


def encode(arguments: list[bytes]) -> bytes:
    parts = [b"*%d\r\n" % len(arguments)]
    parts += [b"$%d\r\n%s\r\n" % (len(argument), argument) for argument in arguments]
    return b"".join(parts)


class Reader:
    """Parses replies out of a buffer that feed() fills through `more`."""

    def __init__(self, more):
        self._more = more
        self._buffer = b""
        self._at = 0

    def reply(self):
        line = self._line()
        kind, rest = line[:1], line[1:]
        if kind in b"+-:,#(_":
            return (kind.decode(), rest)
        if kind in b"$=!":
            return (kind.decode(), None if rest == b"-1" else self.take(int(rest) + 2)[:-2])
        if kind in b"*~>%|":
            if rest == b"-1":
                return (kind.decode(), None)
            count = int(rest) * (2 if kind in b"%|" else 1)
            return (kind.decode(), [self.reply() for _ in range(count)])
        raise ValueError(f"not a reply: {line!r}")

    def take(self, size: int) -> bytes:
        while len(self._buffer) - self._at < size:
            self._fill()
        piece = self._buffer[self._at:self._at + size]
        self._at += size
        return piece

    def has_more(self) -> bool:
        """Whether bytes were received that no reply has used."""
        return self._at < len(self._buffer)

    def line_after_newlines(self) -> bytes:
        """The next line of a replica's handshake, where bare newlines keep the connection alive."""
        while self.take(1) == b"\n":
            pass
        self._at -= 1
        return self._line()

    def _line(self) -> bytes:
        while (end := self._buffer.find(b"\r\n", self._at)) < 0:
            self._fill()
        line = self._buffer[self._at:end]
        self._at = end + 2
        return line

    def _fill(self) -> None:
        piece = self._more()
        if not piece:
            raise EOFError("the server closed the connection")
        self._buffer = self._buffer[self._at:] + piece
        self._at = 0


class Connection:
    def __init__(self, port: int):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = Reader(lambda: self.socket.recv(1 << 16))

    def send(self, *commands: list[bytes]) -> None:
        self.socket.sendall(b"".join(encode(command) for command in commands))

    def call(self, *words: str):
        self.send([word.encode() for word in words])
        return self.reader.reply()

    def close(self) -> None:
        self.socket.close()
