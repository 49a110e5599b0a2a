#!/usr/bin/python3
# test: variant TORC_RING_FEATURES=6.1
"""Hostile clients: Redis's error or a closed connection, bounded memory, and all other clients served."""

import random
import socket
import struct
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from fixture import ServerTest, receive  # noqa: E402

PROTOCOL_ERRORS = [
    (b"*3\r\n$3\r\nSET\r\n$-5\r\n", b"-ERR Protocol error: invalid bulk length\r\n"),
    (b"*3\r\n$3\r\nSET\r\n$99999999999999999999\r\n", b"-ERR Protocol error: invalid bulk length\r\n"),
    (b"*3\r\n$3\r\nSET\r\n$600000000\r\n", b"-ERR Protocol error: invalid bulk length\r\n"),
    (b"*3\r\n$3\r\nSET\r\nfoo\r\n", b"-ERR Protocol error: expected '$', got 'f'\r\n"),
    (b"*2147483648\r\n", b"-ERR Protocol error: invalid multibulk length\r\n"),
    (b"*x\r\n", b"-ERR Protocol error: invalid multibulk length\r\n"),
    (b"GET \"unclosed\r\n", b"-ERR Protocol error: unbalanced quotes in request\r\n"),
    (b"x" * 70000, b"-ERR Protocol error: too big inline request\r\n"),
    (b"*1\r\n$" + b"1" * 70000, b"-ERR Protocol error: too big bulk count string\r\n"),
    (b"*" + b"1" * 70000, b"-ERR Protocol error: too big mbulk count string\r\n"),
]


class BadInput(ServerTest):
    def tearDown(self) -> None:
        self.assertTrue(self.redis.ping())   # whatever happened, others are served

    def memory(self) -> int:
        return self.redis.info("memory")["used_memory"]

    def wait_until_read(self, connections: list[socket.socket]) -> None:
        """Until the server has received something of an unfinished request from each."""
        ours = {"%s:%d" % connection.getsockname() for connection in connections}
        deadline = time.monotonic() + 20
        while ours:
            self.assertLess(time.monotonic(), deadline, "the server does not read")
            ours -= {client["addr"] for client in self.redis.client_list() if int(client["qbuf"]) > 0}

    def test_protocol_errors(self):
        for request, error in PROTOCOL_ERRORS:
            with self.subTest(request=request[:40]):
                self.assertEqual(error, self.raw(request))

    def test_good_requests_before_an_error_are_answered(self):
        self.assertEqual(b"+PONG\r\n-ERR Protocol error: expected '$', got 'x'\r\n",
                         self.raw(b"PING\r\n*1\r\nxPING\r\n"))

    def test_empty_requests_are_skipped(self):
        self.assertEqual(b"+PONG\r\n", self.raw(b"\r\n\r\n*0\r\n*-1\r\nPING\r\n", 7))

    def test_what_a_browser_sends_ends_the_connection(self):
        # Whatever follows the first lines may be commands that a page's author chose.
        for request in (b"POST / HTTP/1.1\r\nHost: a\r\n\r\nSET browser 1\r\n", b"host: a\r\nSET browser 1\r\n",
                        b"*1\r\n$6\r\nPOST\0x\r\nSET browser 1\r\n",
                        b"*3\r\n$4\r\nPost\r\n$1\r\na\r\n$1\r\nb\r\nSET browser 1\r\n",
                        b"GET / HTTP/1.1\r\nHost: a\r\nSET browser 1\r\n"):
            with self.subTest(request=request):
                self.assertNotIn(b"unknown command", self.raw(request))
        self.assertFalse(self.redis.exists("browser"))
        self.assertEqual(1, self.server.log().count("POST or Host:"))   # once a minute

    def test_claims_without_data_cost_no_memory(self):
        before = self.memory()
        connections = [self.server.connect() for _ in range(100)]
        for connection in connections:
            connection.sendall(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$500000000\r\nabc")
        self.wait_until_read(connections)
        self.assertLess(self.memory() - before, 300 << 20)
        for connection in connections:
            connection.close()

    def test_huge_multibulk_claim(self):
        before = self.memory()
        with self.server.connect() as connection:
            connection.sendall(b"*2147483647\r\n$3\r\nSET\r\n")
            self.wait_until_read([connection])
            self.assertLess(self.memory() - before, 10 << 20)

    def test_one_byte_at_a_time(self):
        with self.server.connect() as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in b"*3\r\n$3\r\nSET\r\n$3\r\nfoo\r\n$5\r\nhello\r\n*2\r\n$3\r\nGET\r\n$3\r\nfoo\r\nPING\r\n":
                connection.sendall(bytes([byte]))
            self.assertEqual(b"+OK\r\n$5\r\nhello\r\n+PONG\r\n", receive(connection, 23))

    def test_random_splits(self):
        generator = random.Random(1)
        request = b"*3\r\n$3\r\nSET\r\n$5\r\nk%04d\r\n$%d\r\n%s\r\n"
        requests = b"".join(request % (i, i * 7, b"v" * (i * 7)) for i in range(300))
        with self.server.connect() as connection:
            at = 0
            while at < len(requests):
                size = generator.choice([1, 3, 100, 5000, 40000])
                connection.sendall(requests[at:at + size])
                at += size
            self.assertEqual(b"+OK\r\n" * 300, receive(connection, 1500))

    def test_disconnects_at_every_point(self):
        request = b"*3\r\n$3\r\nSET\r\n$3\r\nfoo\r\n$5\r\nhello\r\n"
        for size in range(len(request) + 1):
            with self.server.connect() as connection:
                if size % 2:   # a reset instead of an orderly end
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.sendall(request[:size])

    def test_a_client_that_never_reads(self):
        self.redis.set("big", "x" * 1_000_000)
        with self.server.connect() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall(b"GET big\r\n" * 200)
            time.sleep(0.2)
            self.assertTrue(self.redis.ping())

    def test_random_junk(self):
        generator = random.Random(2)
        for _ in range(200):
            with self.server.connect() as connection:
                connection.sendall(generator.randbytes(generator.randrange(1, 2000)))

    def test_keys_and_values_at_limits(self):
        client = self.server.client()
        for size in (255, 256, 65535, 65536, 1 << 20):
            client.set(b"k" * size, b"v" * size)
            self.assertEqual(b"v" * size, client.get(b"k" * size))
            self.assertEqual(1, client.delete(b"k" * size))
        client.close()


class BeforeAuth(ServerTest):
    options = ("--requirepass", "secret")

    def setUp(self) -> None:
        pass

    def test_small_limits(self):
        self.assertEqual(b"-ERR Protocol error: unauthenticated multibulk length\r\n", self.raw(b"*11\r\n"))
        self.assertEqual(b"-ERR Protocol error: unauthenticated bulk length\r\n", self.raw(b"*1\r\n$16385\r\n"))

    def test_no_auth(self):
        self.assertEqual(b"-NOAUTH Authentication required.\r\n", self.raw(b"GET x\r\n", 34))
        self.assertTrue(self.raw(b"AUTH wrong\r\n", 10).startswith(b"-WRONGPASS "))
        self.assertEqual(b"+OK\r\n$-1\r\n", self.raw(b"AUTH secret\r\nGET x\r\n", 10))

    def set_of(self, size: int) -> bytes:
        return b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$%d\r\n" % size + b"v" * size + b"\r\n"

    def test_each_request_of_a_pipeline_has_the_limits_of_its_moment(self):
        many = b"*12\r\n$3\r\nDEL\r\n" + b"$1\r\nx\r\n" * 11
        hello = b"HELLO 2 AUTH default secret\r\n"
        for size in (16385, 40_000, 3_000_000):
            big = self.set_of(size)
            with self.subTest(size=size):
                self.assertEqual(b"+OK\r\n+OK\r\n:0\r\n+OK\r\n",
                                 self.raw(b"AUTH secret\r\n" + big + many + big, 19))
                self.assertTrue(self.raw(hello + big + b"QUIT\r\n").endswith(b"+OK\r\n+OK\r\n"))
                self.assertEqual(b"-NOAUTH Authentication required.\r\n"
                                 b"-ERR Protocol error: unauthenticated bulk length\r\n",
                                 self.raw_or_reset(b"PING\r\n" + big))

    def raw_or_reset(self, data: bytes) -> bytes:
        """The server need not read what it refused: the rest may fail to be sent."""
        with self.server.connect() as connection:
            head = data.index(b"\r\n$1\r\nk") + 20
            connection.sendall(data[:head])
            received = receive(connection)
            try:
                connection.sendall(data[head:])
            except OSError:
                pass
            return received

    def test_a_password_that_comes_and_goes(self):
        known = self.server.client(password="secret")
        self.assertTrue(known.ping())
        with self.server.connect() as early:
            known.config_set("requirepass", "")
            early.sendall(self.set_of(20_000))
            self.assertEqual(b"+OK\r\n", receive(early, 5))
            with self.server.connect() as meanwhile:
                meanwhile.sendall(b"PING\r\n")
                self.assertEqual(b"+PONG\r\n", receive(meanwhile, 7))
                known.config_set("requirepass", "secret")
                meanwhile.sendall(self.set_of(20_000))
                self.assertEqual(b"+OK\r\n", receive(meanwhile, 5))
        self.assertEqual(b"-ERR Protocol error: unauthenticated bulk length\r\n", self.raw(self.set_of(20_000)[:30]))
        known.close()

    def test_a_long_pipeline_costs_little_memory(self):
        known = self.server.client(password="secret")
        before = known.info("memory")["used_memory"]
        with self.server.connect() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            try:
                connection.sendall(b"PING\r\n" * 4_000_000)   # replies are not read, until the server has enough
            except OSError:
                pass
            self.assertLess(known.info("memory")["used_memory"] - before, 40 << 20)
            self.assertEqual(1, known.info("stats")["client_output_buffer_limit_disconnections"])
        known.close()

    def test_limits_are_lifted(self):
        value = b"v" * 20000
        with self.server.connect() as connection:
            connection.sendall(b"AUTH secret\r\n")
            self.assertEqual(b"+OK\r\n", receive(connection, 5))
            connection.sendall(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$20000\r\n" + value + b"\r\n")
            self.assertEqual(b"+OK\r\n", receive(connection, 5))


if __name__ == "__main__":
    unittest.main()
