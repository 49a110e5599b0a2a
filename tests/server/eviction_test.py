#!/usr/bin/python3
"""maxmemory and maxmemory-clients of the real server: what is kept, what is closed, and that others are served."""

import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from fixture import Server  # noqa: E402

MEBIBYTE = 1 << 20


class Eviction(unittest.TestCase):
    def start(self, *options: str) -> Server:
        server = Server(*options)
        self.addCleanup(server.stop)
        return server

    def fill(self, client, keys: int, size: int, **options) -> None:
        pipeline = client.pipeline(transaction=False)
        for number in range(keys):
            pipeline.set(f"key:{number}", "v" * size, **options)
            if number % 500 == 499:
                pipeline.execute()
        pipeline.execute()

    def test_memory_stays_below_the_limit(self):
        for policy in ("allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-ttl", "volatile-lru"):
            with self.subTest(policy):
                server = self.start("--maxmemory", "20mb", "--maxmemory-policy", policy)
                client = server.client()
                self.fill(client, 30_000, 2000, ex=1000)
                # Within a transaction, as any command may evict before it runs.
                info, keys = client.pipeline(transaction=True).info().dbsize().execute()
                self.assertLess(info["used_memory"], 20.2 * MEBIBYTE)
                self.assertGreater(info["used_memory"], 18.5 * MEBIBYTE)
                self.assertEqual(info["evicted_keys"] + keys, 30_000)
                self.assertEqual(info["maxmemory_policy"], policy)

    def test_lowering_the_limit_evicts_at_once(self):
        server = self.start("--maxmemory-policy", "allkeys-lru")
        client = server.client()
        self.fill(client, 20_000, 1000)
        limit = client.info()["used_memory"] - 10 * MEBIBYTE
        client.config_set("maxmemory", limit)
        deadline = time.monotonic() + 5
        while client.info()["used_memory"] > limit + MEBIBYTE // 4 and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertLess(client.info()["used_memory"], limit + MEBIBYTE // 4)
        self.assertGreater(client.dbsize(), 5000)

    def test_a_client_that_holds_too_much_is_closed(self):
        server = self.start("--maxmemory-clients", "2mb")
        client = server.client()
        greedy = server.connect()
        self.addCleanup(greedy.close)
        greedy.sendall(b"*2\r\n$3\r\nGET\r\n$100000000\r\n")
        with self.assertRaises(OSError):
            for _ in range(200):
                greedy.sendall(b"x" * 65536)
                time.sleep(0.005)
        self.assertEqual(client.info("stats")["evicted_clients"], 1)
        self.assertTrue(client.ping())

    def test_a_client_that_never_reads_is_closed(self):
        server = self.start("--maxmemory-clients", "5mb")
        client = server.client()
        client.set("large", "x" * 500_000)
        idle = server.connect()
        self.addCleanup(idle.close)
        idle.sendall(b"GET large\r\n" * 100)
        deadline = time.monotonic() + 10
        while client.info("stats")["evicted_clients"] == 0 and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertEqual(client.info("stats")["evicted_clients"], 1)


if __name__ == "__main__":
    unittest.main()
