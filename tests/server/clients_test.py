#!/usr/bin/python3
# test: variant TORC_RING_FEATURES=6.1
# test: variant TORC_RING_FEATURES=6.6
"""What clients do all day, through redis-py, redis-cli and redis-benchmark."""

import contextlib
import os
import subprocess
import sys
import threading
import unittest
from pathlib import Path

import redis

sys.path.insert(0, str(Path(__file__).resolve().parent))

from fixture import Server, ServerTest, receive  # noqa: E402


class Clients(ServerTest):
    def test_set_and_get(self):
        self.assertTrue(self.redis.set("greeting", "hello"))
        self.assertEqual("hello", self.redis.get("greeting"))
        self.assertIsNone(self.redis.get("nothing"))

    def test_values_of_all_sizes(self):
        client = self.server.client()
        for size in (0, 1, 44, 45, 1023, 1024, 16384, 32767, 32768, 65535, 65536, 1 << 20, 5 << 20):
            value = bytes(i % 251 for i in range(256)) * (size // 256) + b"x" * (size % 256)
            client.set("sized", value)
            self.assertEqual(value, client.get("sized"), size)
        client.close()

    def test_pipeline(self):
        with self.redis.pipeline(transaction=False) as pipeline:
            for i in range(20000):
                pipeline.incr("counter")
            self.assertEqual(list(range(1, 20001)), pipeline.execute())

    def test_large_replies_in_a_pipeline_keep_their_order(self):
        self.redis.set("big", "b" * 100_000)
        with self.redis.pipeline(transaction=False) as pipeline:
            for i in range(300):
                pipeline.set(f"small:{i}", i)
                pipeline.get("big")
                pipeline.get(f"small:{i}")
            replies = pipeline.execute()
        self.assertEqual([str(i) for i in range(300)], replies[2::3])
        self.assertTrue(all(len(reply) == 100_000 for reply in replies[1::3]))

    def test_transaction(self):
        with self.redis.pipeline() as pipeline:
            pipeline.set("a", 1).incr("a").get("a")
            self.assertEqual([True, 2, "2"], pipeline.execute())

    def test_time_stands_still_in_a_transaction(self):
        pipeline = self.redis.pipeline()
        for _ in range(2):
            for i in range(10_000):
                pipeline.set(f"key:{i}", "x")
            pipeline.time()
        before = self.redis.time()
        replies = pipeline.execute()
        self.assertEqual(replies[10_000], replies[20_001])
        self.assertGreaterEqual(replies[10_000], before)
        self.assertGreater(self.redis.time(), replies[10_000])

    def test_no_reply_beyond_the_output_limit_is_built(self):
        server = Server("--client-output-buffer-limit", "normal 1mb 0 0")
        self.addCleanup(server.stop)
        client = server.client()
        client.hset("hash", "field", "x" * 100_000)
        before = server.peak_bytes()
        with self.assertRaises(redis.exceptions.ConnectionError):
            client.execute_command("HRANDFIELD", "hash", -3000, "WITHVALUES")
        # Who is over the limit is not saved by another one; who is not yet is.
        for late in (True, False):
            pipeline = client.pipeline()
            change = ("client-output-buffer-limit", "normal 1mb 0 0" if late else "normal 0 0 0")
            pipeline.config_set(*change)
            for _ in range(30):
                pipeline.execute_command("HRANDFIELD", "hash", -9, "WITHVALUES")
            pipeline.config_set("client-output-buffer-limit", "normal 0 0 0" if late else "normal 1mb 0 0")
            with self.assertRaises(redis.exceptions.ConnectionError):
                pipeline.execute()
        # ThreadSanitizer keeps four bytes for each that a program touches.
        times = 5 if os.environ["TORC_TEST_VARIANT"] == "tsan" else 1
        self.assertLess(server.peak_bytes() - before, times * 50_000_000)

    def test_watch(self):
        with self.redis.pipeline() as pipeline:
            pipeline.watch("watched")
            self.redis.set("watched", "changed")
            pipeline.multi()
            pipeline.get("watched")
            self.assertRaises(redis.WatchError, pipeline.execute)

    def test_expiry(self):
        self.redis.set("mortal", "x", px=30)
        deadline = threading.Event()
        for _ in range(200):
            if not self.redis.exists("mortal"):
                break
            deadline.wait(0.01)
        self.assertFalse(self.redis.exists("mortal"))

    def test_scan(self):
        names = {f"scan:{i}" for i in range(1000)}
        self.redis.mset({name: "1" for name in names})
        self.assertEqual(names, set(self.redis.scan_iter("scan:*")))

    def test_client_list_names_this_client(self):
        self.redis.client_setname("tester")
        self.assertIn("tester", [line["name"] for line in self.redis.client_list()])

    def test_info(self):
        info = self.redis.info("everything")
        self.assertEqual("7.2.4", info["redis_version"])
        self.assertIn("torc_version", info)
        self.assertGreater(info["used_memory"], 0)
        self.assertGreater(info["ticks"], 0)

    def test_counting_starts_anew(self):
        for _ in range(3):
            self.redis.ping()
            self.redis.config_resetstat()
        info = self.redis.info("tick")
        self.assertLess(info["tick_requests"], 10)
        with self.server.connect() as connection:
            connection.sendall(b"*1\r\n$2000000\r\n" + b"x" * 100)
            self.redis.config_set("client-query-buffer-limit", 1 << 20)
            with contextlib.suppress(ConnectionError):
                connection.sendall(b"x" * 1500000)
            self.assertEqual(b"", receive(connection))
        self.assertEqual(1, self.redis.info("stats")["client_query_buffer_limit_disconnections"])
        self.redis.config_resetstat()
        self.assertEqual(0, self.redis.info("stats")["client_query_buffer_limit_disconnections"])
        self.redis.config_set("client-query-buffer-limit", 1 << 30)

    def test_resp3(self):
        with self.server.connect() as connection:
            connection.sendall(b"HELLO 3\r\n")
            self.assertTrue(receive(connection, 10).startswith(b"%7\r\n"))

    def test_many_connections(self):
        connections = [self.server.connect() for _ in range(1000)]
        for connection in connections:
            connection.sendall(b"PING\r\n")
        for connection in connections:
            self.assertEqual(b"+PONG\r\n", receive(connection, 7))
            connection.close()

    def test_redis_cli(self):
        command = ["redis-cli", "-p", str(self.server.port)]
        self.assertEqual("OK\n", subprocess.run([*command, "SET", "foo", "bar"], capture_output=True, text=True).stdout)
        self.assertEqual("bar\n", subprocess.run([*command, "GET", "foo"], capture_output=True, text=True).stdout)

    def test_redis_benchmark(self):
        command = ["redis-benchmark", "-p", str(self.server.port), "-t", "ping,set,get,incr,mset", "-P", "16", "-n",
                   "20000", "-q", "--csv"]
        result = subprocess.run(command, capture_output=True, text=True, timeout=120)
        self.assertEqual(0, result.returncode, result.stderr)
        self.assertEqual(7, len(result.stdout.strip().splitlines()))


class UnixSocket(unittest.TestCase):
    def test_unix_socket(self):
        server = Server("--unixsocket", "torc.sock", "--unixsocketperm", "700")
        self.addCleanup(server.stop)
        client = redis.Redis(unix_socket_path=f"{server.directory.name}/torc.sock")
        self.assertTrue(client.ping())
        client.close()


if __name__ == "__main__":
    unittest.main()
