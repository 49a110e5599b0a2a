#!/usr/bin/python3
"""Clients that wait for elements of lists, on real connections: order, deadlines, pipelines, and leaving."""

import threading
import time
import unittest

from fixture import ServerTest, receive


def encode(*words: str) -> bytes:
    parts = [f"${len(word)}\r\n{word}\r\n" for word in words]
    return f"*{len(words)}\r\n{''.join(parts)}".encode()


def popped(key: str, element: str) -> bytes:
    return encode(key, element)


class Blocking(ServerTest):
    def figure(self, name: str) -> int:
        return self.redis.info("clients")[name]

    def wait_for_blocked(self, count: int) -> None:
        deadline = time.monotonic() + 20
        while self.figure("blocked_clients") != count:
            self.assertLess(time.monotonic(), deadline, f"never {count} blocked clients")
            time.sleep(0.01)

    def blocked_connection(self, request: bytes):
        before = self.figure("blocked_clients")
        connection = self.server.connect()
        connection.sendall(request)
        self.wait_for_blocked(before + 1)
        return connection

    def test_who_came_first_is_served_first(self):
        connections = [self.blocked_connection(encode("BLPOP", "queue", "0")) for _ in range(20)]
        self.assertEqual(1, self.figure("total_blocking_keys"))
        self.redis.rpush("queue", *range(20))
        for number, connection in enumerate(connections):
            expected = popped("queue", str(number))
            self.assertEqual(expected, receive(connection, len(expected)))
            connection.close()
        self.assertEqual(0, self.figure("blocked_clients"))
        self.assertEqual(0, self.figure("total_blocking_keys"))

    def test_deadlines_are_kept_while_nothing_happens(self):
        with self.server.connect() as connection:
            begin = time.monotonic()
            connection.sendall(encode("BLPOP", "nothing", "0.25"))
            self.assertEqual(b"*-1\r\n", receive(connection, 5))
            self.assertGreaterEqual(time.monotonic() - begin, 0.25)
            self.assertLess(time.monotonic() - begin, 2)

    def test_what_was_sent_behind_it_waits_in_order(self):
        request = encode("PING") + encode("BLPOP", "key", "0") + encode("SET", "a", "b" * 50000)
        connection = self.blocked_connection(request + encode("STRLEN", "a"))
        self.assertEqual(b"+PONG\r\n", receive(connection, 7))
        connection.sendall(encode("BRPOP", "key", "0") + encode("GET", "missing"))
        self.assertIsNone(self.redis.get("a"))
        self.redis.rpush("key", "1", "2")
        expected = popped("key", "1") + b"+OK\r\n:50000\r\n" + popped("key", "2") + b"$-1\r\n"
        self.assertEqual(expected, receive(connection, len(expected)))
        connection.close()

    def test_who_leaves_takes_nothing_along(self):
        connections = [self.blocked_connection(encode("BLPOP", "gone", "0")) for _ in range(10)]
        for connection in connections:
            connection.close()
        self.wait_for_blocked(0)
        self.assertEqual(1, self.redis.rpush("gone", "stays"))
        self.assertEqual(["stays"], self.redis.lrange("gone", 0, -1))

    def test_a_chain_of_moves(self):
        moves = [encode("BLMOVE", f"l{i}", f"l{i + 1}", "LEFT", "RIGHT", "0") for i in range(10)]
        links = [self.blocked_connection(move) for move in moves]
        self.redis.rpush("l0", "x")
        for connection in links:
            self.assertEqual(b"$1\r\nx\r\n", receive(connection, 7))
            connection.close()
        self.assertEqual(["x"], self.redis.lrange("l10", 0, -1))

    def test_workers_and_producers_lose_nothing(self):
        total, taken, lock = 2000, [], threading.Lock()

        def work() -> None:
            client = self.server.client()
            while (item := client.blpop("jobs", timeout=20)) and item[1] != b"end":
                with lock:
                    taken.append(int(item[1]))

        workers = [threading.Thread(target=work) for _ in range(8)]
        for worker in workers:
            worker.start()
        for number in range(total):
            self.redis.rpush("jobs", number)
        self.redis.rpush("jobs", *["end"] * len(workers))
        for worker in workers:
            worker.join(30)
            self.assertFalse(worker.is_alive())
        self.assertEqual(list(range(total)), sorted(taken))

    def test_unblock_and_kill(self):
        connection = self.blocked_connection(encode("CLIENT", "ID") + encode("BLPOP", "k", "0"))
        identity = int(receive_line(connection)[1:])
        self.assertEqual(1, self.redis.execute_command("CLIENT", "UNBLOCK", identity, "ERROR"))
        expected = b"-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n"
        self.assertEqual(expected, receive(connection, len(expected)))
        connection.sendall(encode("BLPOP", "k", "0"))
        self.wait_for_blocked(1)
        self.assertEqual(1, self.redis.execute_command("CLIENT", "KILL", "ID", identity))
        self.wait_for_blocked(0)
        self.assertEqual(b"", connection.recv(1))
        connection.close()


def receive_line(connection) -> bytes:
    line = b""
    while not line.endswith(b"\r\n"):
        line += connection.recv(1)
    return line[:-2]


if __name__ == "__main__":
    unittest.main()
