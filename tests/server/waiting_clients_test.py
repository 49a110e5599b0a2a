#!/usr/bin/python3
"""Clients that wait, watch or are many, on real connections: CLIENT PAUSE, MONITOR, CLIENT LIST; and the commands that
only answer (CLUSTER, MODULE, LOLWUT)."""

import contextlib
import time
import unittest

import redis

from fixture import ServerTest, receive


def encode(*words: str) -> bytes:
    parts = [f"${len(word)}\r\n{word}\r\n" for word in words]
    return f"*{len(words)}\r\n{''.join(parts)}".encode()


class WaitingClients(ServerTest):
    options = ("--client-output-buffer-limit", "normal 8mb 0 0", "--enable-debug-command", "yes")

    def blocked_clients(self) -> int:
        return self.redis.info("clients")["blocked_clients"]

    def wait_until(self, condition, message: str) -> None:
        deadline = time.monotonic() + 20
        while not condition():
            self.assertLess(time.monotonic(), deadline, message)
            time.sleep(0.01)

    def test_paused_requests_wait_with_those_behind_them(self):
        self.redis.execute_command("CLIENT", "PAUSE", 100000, "WRITE")
        with self.server.connect() as connection:
            big = "x" * 100000
            connection.sendall(encode("PING") + encode("SET", "k", big) + encode("STRLEN", "k"))
            self.assertEqual(b"+PONG\r\n", receive(connection, 7))
            self.wait_until(lambda: self.blocked_clients() == 1, "nobody is blocked")
            connection.sendall(encode("APPEND", "k", "y") + encode("STRLEN", "k"))
            self.assertIsNone(self.redis.get("k"))
            self.redis.execute_command("CLIENT", "UNPAUSE")
            expected = b"+OK\r\n:100000\r\n:100001\r\n:100001\r\n"
            self.assertEqual(expected, receive(connection, len(expected)))
        self.assertEqual(0, self.blocked_clients())

    def test_a_pause_ends_by_itself(self):
        self.redis.execute_command("CLIENT", "PAUSE", 300, "ALL")
        begin = time.monotonic()
        self.assertTrue(self.redis.ping())
        self.assertGreater(time.monotonic() - begin, 0.2)

    def test_blocked_clients_that_go_take_nothing(self):
        much = encode("SET", "much", "x" * 100000) * 40
        for behind in (b"", b"*abc\r\n", b'"abc\r\n', much, b"*abc\r\n" + much):
            with self.server.connect() as connection:
                connection.sendall(encode("BLPOP", "queue", "0") + behind)
                self.wait_until(lambda: self.blocked_clients() == 1, "nobody is blocked")
            self.wait_until(lambda: self.blocked_clients() == 0, f"one stays behind {behind[:10]}")
            self.assertEqual(2, self.redis.rpush("queue", "a", "b"))
            self.redis.delete("queue")

    def test_what_a_blocked_client_sends_is_limited_and_counted(self):
        self.redis.config_set("client-query-buffer-limit", "3mb")
        with self.server.connect() as connection:
            connection.sendall(encode("BLPOP", "queue", "0") + encode("SET", "much", "x" * 100000) * 20)
            self.wait_until(lambda: self.blocked_clients() == 1, "nobody is blocked")
            self.wait_until(lambda: any(int(client["tot-mem"]) >= 2000000 for client in self.redis.client_list()),
                            "what it sent counts nowhere")
            with contextlib.suppress(ConnectionError):
                connection.sendall(encode("SET", "much", "x" * 100000) * 20)
            self.wait_until(lambda: self.blocked_clients() == 0, "it is not closed")
        self.redis.config_set("client-query-buffer-limit", "1gb")

    def test_a_slow_pipeline_is_not_read_ahead(self):
        before = self.redis.info("memory")["used_memory"]
        with self.server.connect() as connection:
            connection.settimeout(0.5)
            with self.assertRaises(TimeoutError):
                connection.sendall(encode("DEBUG", "SLEEP", "0.002") * 500 + encode("SET", "much", "x" * 100000) * 300)
            self.assertLess(self.redis.info("memory")["used_memory"], before + 10000000)

    def test_large_arguments_are_not_kept(self):
        before = self.redis.info("memory")["used_memory"]
        self.assertIsNone(self.redis.get("x" * 20000000))
        self.wait_until(lambda: self.redis.info("memory")["used_memory"] < before + 5000000, "the argument stays")

    def test_a_pause_of_years_is_slept_through(self):
        self.redis.execute_command("CLIENT", "PAUSE", 9999999999999999, "WRITE")
        before = self.redis.info("cpu")["used_cpu_user"]
        time.sleep(0.5)
        self.assertLess(self.redis.info("cpu")["used_cpu_user"] - before, 0.2)
        self.redis.execute_command("CLIENT", "UNPAUSE")

    def test_paused_clients_that_go_leave_nothing_behind(self):
        self.redis.execute_command("CLIENT", "PAUSE", 100000, "WRITE")
        connections = [self.server.connect() for _ in range(50)]
        for connection in connections:
            connection.sendall(encode("INCR", "gone") * 20)
        self.wait_until(lambda: self.blocked_clients() == 50, "not all wait")
        for connection in connections:
            connection.close()
        self.wait_until(lambda: self.blocked_clients() == 0, "some still wait")
        self.redis.execute_command("CLIENT", "UNPAUSE")
        self.assertIsNone(self.redis.get("gone"))

    def test_monitors_see_the_same(self):
        with self.server.connect() as one, self.server.connect() as two:
            for monitor in (one, two):
                monitor.sendall(encode("MONITOR"))
                self.assertEqual(b"+OK\r\n", receive(monitor, 5))
            with self.redis.pipeline(transaction=False) as pipeline:
                for i in range(500):
                    pipeline.set(f"k{i}", "x" * i)
                pipeline.execute()
            texts = [b"", b""]
            for i, monitor in enumerate((one, two)):
                while b'"k499"' not in texts[i] or not texts[i].endswith(b"\r\n"):
                    texts[i] += monitor.recv(1 << 16)
            self.assertEqual(*texts)
            self.assertEqual(500, texts[0].count(b'"SET" "k'))

    def test_a_monitor_that_does_not_read_is_closed(self):
        with self.server.connect() as monitor:
            monitor.sendall(encode("MONITOR"))
            self.assertEqual(b"+OK\r\n", receive(monitor, 5))
            for _ in range(400):
                self.redis.echo("x" * 100000)
            info = self.redis.info("stats")
            self.assertEqual(1, info["client_output_buffer_limit_disconnections"])

    def test_lists_of_many_clients(self):
        connections = [self.server.connect() for _ in range(500)]
        with self.server.connect() as asker, self.server.connect() as half_closed:
            asker.sendall(encode("CLIENT", "LIST") + encode("PING"))
            half_closed.sendall(encode("CLIENT", "LIST"))
            half_closed.shutdown(1)
            self.assertGreaterEqual(receive(half_closed).count(b"\nid="), 500)
            text = b""
            while not text.endswith(b"+PONG\r\n"):
                text += asker.recv(1 << 16)
            size = int(text[1:text.index(b"\r\n")])
            self.assertEqual(len(text), size + len(str(size)) + 5 + len(b"+PONG\r\n"))
        for connection in connections:
            connection.close()


class Answers(ServerTest):
    def refused(self, message: str, *words) -> None:
        with self.assertRaises(redis.ResponseError) as caught:
            self.redis.execute_command(*words)
        self.assertEqual(message, str(caught.exception))

    def test_cluster_is_disabled(self):
        disabled = "This instance has cluster support disabled"
        for words in ("CLUSTER INFO", "CLUSTER HELP", "CLUSTER SETSLOT 1 STABLE", "READONLY", "READWRITE", "ASKING"):
            self.refused(disabled, *words.split())
        self.refused("wrong number of arguments for 'cluster' command", "CLUSTER")
        self.refused("unknown subcommand 'FOO'. Try CLUSTER HELP.", "CLUSTER", "FOO")

    def test_modules_are_refused(self):
        self.assertEqual([], self.redis.execute_command("MODULE", "LIST"))
        not_allowed = ('MODULE command not allowed. If the enable-module-command option is set to "local", you can run '
                       "it from a local connection, otherwise you need to set this option in the configuration file, "
                       "and then restart the server.")
        for words in ("MODULE LOAD /x.so", "MODULE LOADEX /x.so CONFIG a b", "MODULE UNLOAD x"):
            self.refused(not_allowed, *words.split())

    def test_lolwut_draws(self):
        for words in ("LOLWUT", "LOLWUT VERSION 5 1", "LOLWUT version 6 1000000000", "LOLWUT VERSION 1 -5"):
            self.assertIn("A torc of", self.redis.execute_command(*words.split()))
        self.refused("value is not an integer or out of range", "LOLWUT", "VERSION", "x")


class ModulesAllowed(ServerTest):
    options = ("--enable-module-command", "local")

    def test_loading_fails(self):
        with self.assertRaisesRegex(redis.ResponseError, "Error loading the extension. Please check the server logs."):
            self.redis.execute_command("MODULE", "LOAD", "/x.so")
        with self.assertRaisesRegex(redis.ResponseError, "Error unloading module: no such module with that name"):
            self.redis.execute_command("MODULE", "UNLOAD", "x")


if __name__ == "__main__":
    unittest.main()
