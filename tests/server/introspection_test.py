#!/usr/bin/python3
"""What operators and redis-cli ask a running server: rates, logs of commands, latencies, memory, walks over keys."""

import os
import pty
import re
import select
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from fixture import ServerTest  # noqa: E402

TIMEOUT_S = 60


class Introspection(ServerTest):
    options = ("--enable-debug-command", "yes")

    def cli(self, *arguments: str) -> str:
        command = ["redis-cli", "-p", str(self.server.port), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=True).stdout

    def assert_cli_shows(self, pattern: str, *arguments: str) -> None:
        """What goes on until it is stopped, on a terminal."""
        terminal, other_side = pty.openpty()
        process = subprocess.Popen(["redis-cli", "-p", str(self.server.port), *arguments], stdout=other_side)
        os.close(other_side)
        output, deadline = "", time.monotonic() + TIMEOUT_S
        while not re.search(pattern, output):
            self.assertLess(time.monotonic(), deadline, output)
            if select.select([terminal], [], [], 1)[0]:
                output += os.read(terminal, 4096).decode()
        process.terminate()
        process.wait(timeout=TIMEOUT_S)
        os.close(terminal)

    def fill(self) -> None:
        self.redis.flushall()
        self.redis.mset({f"key:{i}": "x" * i for i in range(1, 501)})
        self.redis.set("largest", "x" * 100_000)

    def wait_for(self, condition) -> None:
        deadline = time.monotonic() + TIMEOUT_S
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)

    def test_rates_rise_and_fall(self):
        def rate() -> int:
            for _ in range(200):
                self.redis.ping()
            return self.redis.info("stats")["instantaneous_ops_per_sec"]

        self.wait_for(lambda: rate() > 0)
        self.redis.config_resetstat()
        self.assertLess(self.redis.info("stats")["instantaneous_ops_per_sec"], 100_000)
        stats = self.redis.info("stats")
        self.assertGreater(stats["eventloop_cycles"], 0)
        self.assertGreaterEqual(stats["eventloop_duration_sum"], stats["eventloop_duration_cmd_sum"])

    def test_totals_of_the_clients(self):
        self.wait_for(lambda: self.redis.info("memory")["mem_clients_normal"] > 0)
        memory = self.redis.info("memory")
        self.assertGreater(memory["used_memory_startup"], 0)
        self.assertGreaterEqual(memory["used_memory_peak"], memory["used_memory_startup"])

    def test_slow_log(self):
        self.redis.config_set("slowlog-log-slower-than", 100_000)
        self.redis.slowlog_reset()
        self.redis.client_setname("sleeper")
        self.redis.execute_command("DEBUG", "SLEEP", "0.15")
        self.assertEqual(1, len(self.redis.slowlog_get()))
        _, _, duration, arguments, address, name = self.redis.execute_command("COMMANDLOG", "GET", "1", "slow")[0]
        self.assertEqual((["DEBUG", "SLEEP", "0.15"], "sleeper"), (arguments, name))
        self.assertTrue(address.startswith("127.0.0.1:"), address)
        self.assertGreaterEqual(duration, 150_000)

    def test_slow_log_shows_no_secrets(self):
        self.redis.config_set("slowlog-log-slower-than", 0)
        self.redis.execute_command("CONFIG", "SET", "timeout", "0", "requirepass", "")
        self.redis.config_set("slowlog-log-slower-than", 10_000)
        arguments = [entry[3] for entry in self.redis.execute_command("COMMANDLOG", "GET", "-1", "slow")]
        self.assertIn(["CONFIG", "SET", "timeout", "0", "requirepass", "(redacted)"], arguments)

    def test_large_replies_that_are_referenced(self):
        self.redis.config_set("commandlog-reply-larger-than", 1 << 20)
        self.redis.set("big", "x" * (2 << 20))
        self.redis.get("big")
        self.assertEqual(1, self.redis.execute_command("COMMANDLOG", "LEN", "large-reply"))
        self.assertEqual(1, self.redis.execute_command("COMMANDLOG", "LEN", "large-request"))
        self.assertEqual(0, len(self.redis.execute_command("COMMANDLOG", "GET", "0", "large-reply")))

    def test_latency_of_events(self):
        self.redis.config_set("latency-monitor-threshold", 100)
        self.redis.execute_command("DEBUG", "SLEEP", "0.15")
        history = self.redis.execute_command("LATENCY", "HISTORY", "command")
        self.assertEqual(1, len(history))
        self.assertIn("command - high", self.redis.execute_command("LATENCY", "GRAPH", "command"))
        self.assertIn("1. command: 1 latency spikes", self.cli("LATENCY", "DOCTOR"))
        self.redis.config_set("latency-monitor-threshold", 0)
        self.assertEqual(1, self.redis.execute_command("LATENCY", "RESET"))

    def test_latency_tracking_can_be_switched(self):
        self.redis.config_resetstat()
        self.redis.config_set("latency-tracking", "no")
        self.redis.set("a", "b")
        self.assertEqual({}, self.redis.info("latencystats"))
        self.redis.config_set("latency-tracking", "yes")
        self.redis.set("a", "b")
        self.assertEqual({"p50", "p99", "p99.9"}, set(self.redis.info("latencystats")["latency_percentiles_usec_set"]))

    def test_redis_cli_stat(self):
        line = r"\n\d+ +\d+\.\d+[KMG] +\d+ +\d+ +\d+ \(\+\d+\) +\d+"
        self.assert_cli_shows(r"keys +mem +clients +blocked +requests +connections(.|\r|\n)*" + line,
                              "--stat", "-i", "0.05")

    def test_redis_cli_big_keys(self):
        self.fill()
        output = self.cli("--bigkeys")
        self.assertRegex(output, r"Biggest string +found .*largest.* has 100000 bytes")
        self.assertIn("501 strings with", output)

    def test_redis_cli_mem_keys(self):
        self.fill()
        self.assertRegex(self.cli("--memkeys"), r"Biggest string +found .*largest.* has 1\d{5} bytes")

    def test_redis_cli_latency(self):
        self.assert_cli_shows(r"min: \d+, max: \d+, avg: \d+\.\d+ \(\d+ samples\)", "--latency")

    def test_redis_cli_latency_history(self):
        self.assert_cli_shows(r"samples\) -- 0\.\d+ seconds range\s*\n", "--latency-history", "-i", "0.2")

    def test_redis_cli_scan(self):
        self.fill()
        keys = self.cli("--scan", "--pattern", "key:*").split()
        self.assertEqual({f"key:{i}" for i in range(1, 501)}, set(keys))

    def test_info_with_many_clients(self):
        """INFO looks at no client: its cost is the same with a thousand of them."""
        connections = [self.server.connect() for _ in range(1000)]
        self.wait_for(lambda: self.redis.info("clients")["connected_clients"] > 1000)
        self.wait_for(lambda: self.redis.info("memory")["mem_clients_normal"] > 1000 * 100)
        for connection in connections:
            connection.close()
        self.wait_for(lambda: self.redis.info("clients")["connected_clients"] < 10)


if __name__ == "__main__":
    unittest.main()
