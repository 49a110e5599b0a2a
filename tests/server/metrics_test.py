#!/usr/bin/python3
"""The metrics endpoint: names of redis_exporter, bounded HTTP, and no harm to clients."""

import http.client
import re
import shutil
import socket
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

import redis

sys.path.insert(0, str(Path(__file__).resolve().parent))

from fixture import ServerTest, free_port, receive  # noqa: E402

SAMPLE = re.compile(r'^([a-z_0-9]+)(\{([a-z_]+="(\\.|[^"\\])*",?)*\})? -?[0-9.e+-]+$')
# What the exporter says of itself, or of its own way of asking.
OF_THE_EXPORTER = re.compile("redis_exporter_|redis_target_|redis_last_key_groups_")


def names(text: str) -> set[str]:
    return {re.split("[ {]", line)[0] for line in text.splitlines() if line.startswith("redis_")}


class Metrics(ServerTest):
    port = free_port()
    options = ("--metrics-port", str(port), "--latency-monitor-threshold", "1", "--enable-debug-command", "yes")

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def scrape(self) -> str:
        with urllib.request.urlopen(self.url("/metrics"), timeout=20) as response:
            self.assertEqual("text/plain; version=0.0.4; charset=utf-8", response.headers["Content-Type"])
            return response.read().decode()

    def exchange(self, data: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            connection.sendall(data)
            return receive(connection)

    def some_work(self) -> None:
        self.redis.set("a", "b")
        self.redis.set("volatile", "1", ex=100)
        for words in (["NOSUCH"], ["INCR", "a"], ["DEBUG", "SLEEP", "0.02"]):
            try:
                self.redis.execute_command(*words)
            except Exception:  # noqa: BLE001: errors are what is counted
                pass

    def test_every_line_is_well_formed_and_typed(self):
        self.some_work()
        typed = set()
        for line in self.scrape().splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                self.assertIn(kind, ("gauge", "counter", "summary"))
                self.assertNotIn(name, typed)
                typed.add(name)
                continue
            self.assertRegex(line, SAMPLE)
            self.assertIn(re.sub("_(sum|count)$", "", re.split("[ {]", line)[0]), typed)

    def test_figures(self):
        self.redis.flushall()
        self.some_work()
        time.sleep(0.15)   # requests within 100 ms share a text
        text = self.scrape()
        self.assertIn('\nredis_db_keys{db="db0"} 2\n', text)
        self.assertIn('\nredis_db_keys{db="db15"} 0\n', text)
        self.assertIn('\nredis_db_keys_expiring{db="db0"} 1\n', text)
        self.assertIn("\nredis_up 1\n", text)
        self.assertIn("\nredis_config_maxclients 10000\n", text)
        self.assertRegex(text, r'\nredis_commands_total\{cmd="set"\} [0-9]+\n')

    @unittest.skipUnless(shutil.which("prometheus-redis-exporter"), "no prometheus-redis-exporter")
    def test_the_exporters_names(self):
        self.some_work()
        port = free_port()
        exporter = subprocess.Popen(
            ["prometheus-redis-exporter", "-redis.addr", f"redis://127.0.0.1:{self.server.port}",
             "-web.listen-address", f"127.0.0.1:{port}", "-include-system-metrics"], stderr=subprocess.DEVNULL)
        try:
            for _ in range(200):
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as response:
                        theirs = response.read().decode()
                    break
                except urllib.error.URLError:
                    time.sleep(0.05)
        finally:
            exporter.terminate()
            exporter.wait(timeout=20)
        self.assertIn('redis_exporter_last_scrape_error{err=""} 0', theirs)
        wanted = {name for name in names(theirs) if not OF_THE_EXPORTER.match(name)}
        self.assertGreater(len(wanted), 100)
        self.assertEqual(set(), wanted - names(self.scrape()))

    def test_other_paths_and_methods(self):
        for method, path, status in (("GET", "/", 404), ("GET", "/metricsx", 404), ("POST", "/metrics", 405),
                                     ("GET", "/metrics?x=1", 200), ("HEAD", "/metrics", 200)):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            connection.request(method, path)
            response = connection.getresponse()
            self.assertEqual(status, response.status)
            self.assertEqual(method == "HEAD", response.read() == b"")
            connection.close()

    def test_junk(self):
        for junk in (b"x\r\n", b"GET\r\n\r\n", b"GET /metrics\r\n\r\n", b"GET metrics HTTP/1.1\r\n\r\n",
                     b"get /metrics HTTP/1.1\r\n\r\n", b"GET /a b HTTP/1.1\r\n\r\n", b"*1\r\n$4\r\nPING\r\n",
                     b"GET /metrics HTTP/2\r\n\r\n", b"\x00\xff\n"):
            with self.subTest(junk=junk):
                self.assertTrue(self.exchange(junk).startswith(b"HTTP/1.1 400 Bad Request\r\n"))

    def test_a_request_that_does_not_end(self):
        self.assertTrue(self.exchange(b"GET /metrics HTTP/1.1\r\nX: " + b"x" * 100_000)
                        .startswith(b"HTTP/1.1 431 "))

    def test_one_byte_at_a_time(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            for byte in b"GET /metrics HTTP/1.0\n\n":
                connection.sendall(bytes([byte]))
            self.assertTrue(receive(connection).startswith(b"HTTP/1.1 200 OK\r\n"))

    def test_it_moves(self):
        port = free_port()
        try:
            self.redis.config_set("metrics-port", port)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as response:
                self.assertEqual(200, response.status)
            with self.assertRaises(urllib.error.URLError):
                self.scrape()
            with self.assertRaisesRegex(redis.ResponseError, "Unable to listen on this port"):
                self.redis.config_set("metrics-port", self.server.port)
            self.assertEqual(str(port), self.redis.config_get("metrics-port")["metrics-port"])
            self.redis.config_set("metrics-port", 0)
            with self.assertRaises(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=20)
        finally:
            self.redis.config_set("metrics-port", self.port)

    def test_idle_ones_are_sent_away_and_clients_do_not_notice(self):
        idle = [socket.create_connection(("127.0.0.1", self.port), timeout=20) for _ in range(20)]
        self.assertTrue(self.redis.ping())
        self.assertIn("redis_up 1", self.scrape())   # after the idle ones' time
        for connection in idle:
            self.assertEqual(b"", receive(connection))
            connection.close()


if __name__ == "__main__":
    unittest.main()
