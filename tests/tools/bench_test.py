#!/usr/bin/python3
"""bench/: the arithmetic behind the tables, the bytes that prefill a server, and one small run of each benchmark."""

import contextlib
import io
import json
import os
import socket
import sys
import tempfile
import time
import unittest
import xml.dom.minidom
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

from harness import (chart, client, compare, cpu, eviction, expire, growth, load, memory, report, resp,  # noqa: E402
                     workloads)
from harness.client import Run  # noqa: E402
from harness.report import Result  # noqa: E402
from harness.servers import Server, ServerSpec, specs  # noqa: E402

REDIS = specs("redis-server", "", [])[0]
CORE = min(os.sched_getaffinity(0))
CSV = '"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms",' \
      '"max_latency_ms"\n"GET","1000.50","0.4","0.1","0.311","0.5","0.663","1.5"\n'


def result(server: str, *figures: float, others: float = 0.0, workload: str = "GET, P=1") -> Result:
    return Result(server, workload, "command", [Run(1000 * value, value, value, value, others) for value in figures])


class Resp(unittest.TestCase):
    def connection(self, received: bytes) -> resp.Connection:
        ours, theirs = socket.socketpair()
        self.addCleanup(ours.close)
        theirs.sendall(received)
        theirs.close()
        connection = object.__new__(resp.Connection)
        connection.socket, connection.buffer = ours, b""
        return connection

    def test_commands(self):
        self.assertEqual(resp.command("SET", b"k", 12), b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\n12\r\n")

    def test_replies(self):
        connection = self.connection(b"+OK\r\n:12\r\n$-1\r\n$3\r\na\r\n\r\n*2\r\n:1\r\n$1\r\nb\r\n-ERR no\r\n")
        self.assertEqual([connection.reply() for _ in range(5)], [b"OK", 12, None, b"a\r\n", [1, b"b"]])
        with self.assertRaisesRegex(resp.ReplyError, "ERR no"):
            connection.reply()
        with self.assertRaises(ConnectionError):
            connection.reply()

    def test_a_pipeline_checks_every_reply(self):
        connection = self.connection(b"+OK\r\n-LOADING x\r\n")
        connection.socket = mock.Mock(wraps=connection.socket, sendall=lambda _: None)
        with self.assertRaisesRegex(resp.ReplyError, "LOADING"):
            connection.pipeline_uniform([(b"", b"+OK\r\n" * 3)])


class Load(unittest.TestCase):
    def test_set_requests(self):
        template = load.set_template(load.KEY, b"100%", b"EX", b"10")
        self.assertEqual(template % 7, resp.command("SET", "key:000000000007", "100%", "EX", "10"))

    def test_values(self):
        for size in (1, 32, 16384):
            self.assertEqual(len(load.value_of(size)), size)

    def test_batches_cover_every_number_once(self):
        found = list(load.batches(3, 5000, lambda number: b"%4d" % number, b"+OK\r\n"))
        numbers = b"".join(request for request, _ in found)
        self.assertEqual(numbers, b"".join(b"%4d" % number for number in range(3, 5000)))
        self.assertEqual(sum(len(reply) for _, reply in found), 5 * 4997)


class Cpu(unittest.TestCase):
    def interference(self, separate: bool, idle_s: float, interrupts_s: float, own_s: float) -> float:
        with mock.patch.object(cpu, "kernel_configuration",
                               return_value="CONFIG_IRQ_TIME_ACCOUNTING=y" if separate else ""), \
                mock.patch.object(cpu, "core_times", side_effect=[cpu.CoreTimes(5, 1),
                                                                  cpu.CoreTimes(5 + idle_s, 1 + interrupts_s)]), \
                mock.patch.object(cpu.time, "monotonic", side_effect=[100.0, 110.0]):
            measured = cpu.Interference({0, 1})
            measured.start()
            return measured.others_share(own_s)

    def test_what_others_used(self):
        self.assertAlmostEqual(self.interference(False, 4, 2, 15), 0.1)
        self.assertAlmostEqual(self.interference(False, 4, 2, 16.5), 0.0)
        self.assertAlmostEqual(self.interference(True, 4, 2, 13), 0.1)

    def test_own_process(self):
        before = cpu.process_cpu_s(os.getpid())
        spent = time.process_time() + 0.1
        while time.process_time() < spent:
            pass
        self.assertGreater(cpu.process_cpu_s(os.getpid()), before)

    def test_validity(self):
        self.assertTrue(Run(1, 1, 1, 1, 0.05).valid)
        self.assertFalse(Run(1, 1, 1, 1, 0.051).valid)


class Workloads(unittest.TestCase):
    def test_spelling(self):
        workload = workloads.parse("get16k-c1000@64")
        self.assertEqual((workload.title, workload.connections, workload.depth), ("GET 16 KiB, P=64, c=1000", 1000, 64))
        self.assertEqual(workloads.parse("set").title, "SET, P=1")
        for text in ("fly", "get@", "get-c", "get 16"):
            with self.assertRaises(ValueError):
                workloads.parse(text)
        for text in workloads.DEFAULTS:
            workloads.parse(text)

    def test_command(self):
        command = workloads.parse("mset@16").command("redis-benchmark", 1, 7000, 500)
        self.assertEqual(" ".join(command), "taskset -c 1 redis-benchmark -h 127.0.0.1 -p 7000 -c 50 -P 16 -n 500 "
                                            "-r 1000000 -d 32 --csv -t mset")
        custom = workloads.parse_custom("GETRANGE key:__rand_int__ 0 9", 5, 2).command("b", 0, 1, 1)
        self.assertEqual(custom[-4:], ["GETRANGE", "key:__rand_int__", "0", "9"])

    def test_csv(self):
        self.assertEqual(client.parse_csv("WARNING: x\n" + CSV), (1000.5, 0.311, 0.663))
        with self.assertRaises(SystemExit):
            client.parse_csv("Error: no connection\n")


class Report(unittest.TestCase):
    def test_medians_are_of_valid_runs(self):
        mixed = result("torc", 1, 2, 9)
        mixed.runs[2].others_share = 0.2
        self.assertEqual(mixed.median("cpu_us"), 1.5)
        disturbed = result("torc", 1, 2, 9, others=0.2)
        self.assertEqual((disturbed.median("cpu_us"), disturbed.disturbed), (2, True))

    def test_table(self):
        table = report.comparison([result("redis-server", 2), result("torc", 1, others=0.5)]).splitlines()
        self.assertEqual(table[2],
                         "| GET, P=1, redis-server | 2,000 | 2.000 | 2.000 | 2.00 | 1.00 | 1.00 | 1.00 | 1/1 |")
        self.assertEqual(table[3], "| GET, P=1, torc | 1,000 | 1.000 | 1.000 | 1.00 | 0.50 | 0.50 | 0.50 | 0/1 † |")

    def test_json_round_trip(self):
        results = [result("a", 1, 2), result("b", 3)]
        self.assertEqual(report.from_json(json.loads(json.dumps(report.to_json(results)))), results)

    def test_figures(self):
        self.assertEqual([report.figure(value) for value in (0.1234, 1.234, 12.34, 123.4, 1234.5)],
                         ["0.123", "1.23", "12.3", "123", "1,234"])

    def test_chart(self):
        results = [result("redis & co", 2), result("torc", 1), result("redis & co", 4, workload="`A <B>`")]
        drawn = chart.draw(results, "m")
        document = xml.dom.minidom.parseString(drawn)
        bars = [node for node in document.getElementsByTagName("rect") if node.getAttribute("height") == "13"]
        widths = [float(bar.getAttribute("width")) for bar in bars]
        self.assertEqual(len(widths), 3)
        self.assertAlmostEqual(widths[1] * 2, widths[0], delta=0.2)
        self.assertAlmostEqual(widths[2], widths[0])
        self.assertIn("prefers-color-scheme: dark", drawn)


class Plans(unittest.TestCase):
    def test_keys_ahead(self):
        plan = expire.Plan(rate=1000, seconds=2, first_ms=5000)
        self.assertEqual(plan.keys, 10_000)
        self.assertEqual([plan.ahead(now) for now in (4000, 4999, 5999, 99_999)], [10_000, 10_000, 9_000, 0])

    def test_a_zipf_trace(self):
        plan = eviction.Plan(capacity=10, keys=1000, requests=20_000, rate=1, skew=1.0)
        trace = plan.trace()
        self.assertEqual(trace, plan.trace())
        counts = sorted((trace.count(key) for key in set(trace)), reverse=True)
        self.assertAlmostEqual(counts[0] / plan.requests, 1 / 7.485, delta=0.01)  # the harmonic number of 1000
        self.assertAlmostEqual(counts[1] / counts[0], 0.5, delta=0.05)

    def test_exact_lru(self):
        self.assertEqual(eviction.exact_lru([1, 2, 1, 3, 2, 1, 1], 2), 2 / 7)
        self.assertEqual(eviction.exact_lru([1, 2, 1, 3, 2, 1, 1], 3), 4 / 7)

    def test_servers(self):
        found = specs("redis-server", "build/torc-server", ["x=cmd --port {port}"])
        self.assertEqual([spec.name for spec in found], ["redis-server", "x", "torc"])
        for text in ("x", "x=cmd", "=cmd {port}"):
            with self.assertRaises(ValueError):
                ServerSpec.parse(text)


class Live(unittest.TestCase):
    """Against Debian's redis-server, with few keys."""

    def output_of(self, main, *arguments: str) -> str:
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(io.StringIO()):
            self.assertEqual(main([*arguments, "--torc", ""]), 0)
        return output.getvalue()

    def test_a_server_is_ours_and_ends(self):
        with Server(REDIS, CORE) as server:
            with server.connect() as connection:
                self.assertEqual(connection.info("server")["process_id"], str(server.pid))
            server.pause()
            directory = server.directory.name
            self.assertGreater(server.resident_bytes(), 1 << 20)
        self.assertIsNotNone(server.process.returncode)
        self.assertFalse(Path(directory).exists())

    def test_a_server_that_does_not_start(self):
        with self.assertRaisesRegex(SystemExit, "did not start"), Server(ServerSpec("x", "false {port}"), CORE):
            pass

    def test_errors_are_not_taken_for_speed(self):
        workload = workloads.parse_custom("NOSUCHCOMMAND", 5, 1)
        with Server(REDIS, CORE) as server, self.assertRaisesRegex(SystemExit, "unknown command"):
            client.measure(server, workload, "redis-benchmark", CORE, 1000)

    def test_compare(self):
        with tempfile.TemporaryDirectory() as directory, \
                mock.patch.object(workloads, "TESTS", {"get": workloads.Test(("-t", "get"), self.tiny(), 10_000)}):
            files = Path(directory) / "r.json", Path(directory) / "r.svg"
            output = self.output_of(compare.main, "get@4", "--rounds", "2", "--seconds", "0.05", "--repeats", "1",
                                    "--json", str(files[0]), "--svg", str(files[1]))
            self.assertIn("| GET, P=4, redis-server |", output)
            self.assertIn("prefill: 1,000 keys", output)
            again = self.output_of(compare.main, "--from-json", str(files[0]))
            self.assertIn(again.splitlines()[2], output)
            xml.dom.minidom.parse(str(files[1]))

    def tiny(self) -> workloads.DataSet:
        return workloads.DataSet("tiny", 1000, 32)

    def test_memory(self):
        with mock.patch.object(memory, "SETTLE_POLL_S", 0.01):
            output = self.output_of(memory.main, "--sizes", "0.02,0.04", "--delete", "0.02")
        self.assertIn("| redis-server, each with a TTL |", output)

    def test_growth(self):
        self.assertRegex(self.output_of(growth.main, "--keys", "0.01"), r"\| redis-server \| – \| – \| \d")

    def test_eviction(self):
        output = self.output_of(eviction.main, "allkeys-lru", "volatile-ttl", "--capacity", "500", "--keys", "2000",
                                "--requests", "4000", "--rate", "100000")
        for policy in ("allkeys-lru", "volatile-ttl"):
            self.assertRegex(output, rf"\| {policy}, redis-server \| [\d.]+% \| \d+ \| [\d,]+ \| \d+ \|")
        with self.assertRaises(SystemExit):
            self.output_of(eviction.main, "no-such-policy")

    def test_expire(self):
        with mock.patch.object(expire, "TRIAL_KEYS", 1000):
            output = self.output_of(expire.main, "--rate", "1000", "--seconds", "1")
        self.assertRegex(output, r"\| redis-server \| [\d,]+ \| [\d.]+% \|")


if __name__ == "__main__":
    unittest.main()
