#!/usr/bin/python3
"""The server as a process: configuration, signals, limits, what it says when it cannot start."""

import os
import signal
import subprocess
import tempfile
import sys
import time
import unittest
from pathlib import Path

import redis

sys.path.insert(0, str(Path(__file__).resolve().parent))

from fixture import Server, free_port, receive  # noqa: E402


class Process(unittest.TestCase):
    def start(self, *options: str, **more) -> Server:
        server = Server(*options, **more)
        self.addCleanup(server.stop)
        return server

    def test_sigterm_and_sigint_end_it_cleanly(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            server = Server()
            server.process.send_signal(number)
            self.assertEqual(0, server.process.wait(timeout=20))
            self.assertIn("bye bye", server.log())
            server.stop()

    def test_shutdown(self):
        server = Server()
        with server.connect() as connection:
            connection.sendall(b"SHUTDOWN NOSAVE\r\n")
            self.assertEqual(b"", receive(connection))
        self.assertEqual(0, server.process.wait(timeout=20))
        server.stop()

    def test_configuration_file(self):
        server = self.start(
            config="# comment\nmaxmemory 100mb\ntimeout 77\nrename-command GET FETCH\nslave-priority 7\n")
        client = server.client(decode_responses=True)
        self.assertEqual({"maxmemory": "104857600"}, client.config_get("maxmemory"))
        self.assertEqual("77", client.config_get("timeout")["timeout"])
        self.assertEqual("7", client.config_get("replica-priority")["replica-priority"])
        self.assertIn("no effect in this version: replica-priority", server.log())
        self.assertIsNone(client.execute_command("FETCH", "nothing"))
        with self.assertRaisesRegex(redis.ResponseError, "unknown command"):
            client.get("nothing")
        client.close()

    def test_bad_configuration(self):
        server = Server(config="port 1\nnonsense 1\n", expect_start=False)
        self.assertEqual(1, server.process.wait(timeout=20))
        self.assertIn("at line 2", server.log())
        self.assertIn(">>> 'nonsense 1'", server.log())
        self.assertIn("Bad directive or wrong number of arguments", server.log())
        server.stop()

    def test_standard_input(self):
        port = free_port()
        process = subprocess.Popen([os.environ["TORC_SERVER"], "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        process.stdin.write(f"port {port}\nbind 127.0.0.1\n".encode())
        process.stdin.close()
        client = redis.Redis(port=port)
        for _ in range(200):
            try:
                self.assertTrue(client.ping())
                break
            except redis.ConnectionError:
                time.sleep(0.05)
        else:
            self.fail("it does not listen where standard input says")
        client.close()
        process.terminate()
        self.assertEqual(0, process.wait(timeout=20))

    def test_port_in_use(self):
        server = self.start()
        second = Server("--port", str(server.port), expect_start=False)
        self.assertEqual(1, second.process.wait(timeout=20))
        self.assertIn(f" # Warning: Could not create server TCP listening socket 127.0.0.1:{server.port}: "
                      f"bind: Address already in use\n", second.log())
        self.assertIn(f" # Failed listening on port {server.port} (tcp), aborting.\n", second.log())
        second.stop()

    def test_nowhere_to_listen(self):
        server = Server("--port", "0", expect_start=False)
        self.assertEqual(1, server.process.wait(timeout=20))
        self.assertIn(" # Configured to not listen anywhere, exiting.\n", server.log())
        server.stop()

    def test_a_port_that_cannot_be_changed_to(self):
        server, other = self.start(), self.start()
        client = server.client()
        with self.assertRaisesRegex(redis.ResponseError, "'port'.* - Unable to listen on this port. Check server log"):
            client.config_set("port", other.port)
        with self.assertRaisesRegex(redis.ResponseError, "'bind'.* - Failed to bind to specified addresses."):
            client.config_set("bind", "203.0.113.77")
        for text in (f"Warning: Could not create server TCP listening socket 127.0.0.1:{other.port}: "
                     f"bind: Address already in use",
                     "Failed applying new configuration. Possibly related to new port setting. "
                     "Restoring previous settings.",
                     f"Warning: Could not create server TCP listening socket 203.0.113.77:{server.port}: "
                     f"bind: Cannot assign requested address",
                     "Failed applying new configuration. Possibly related to new bind setting. "
                     "Restoring previous settings."):
            self.assertIn(f" # {text}\n", server.log())
        self.assertEqual({"port": str(server.port), "bind": "127.0.0.1"},
                         client.config_get("port", "bind"))
        client.close()
        self.assertTrue(server.client().ping())

    def test_maxclients(self):
        server = self.start("--maxclients", "5")
        connections = [server.connect() for _ in range(5)]
        for connection in connections:
            connection.sendall(b"PING\r\n")
            self.assertEqual(b"+PONG\r\n", receive(connection, 7))
        with server.connect() as one_more:
            self.assertEqual(b"-ERR max number of clients reached\r\n", receive(one_more))
        for connection in connections:
            connection.close()

    def test_timeout(self):
        server = self.start("--timeout", "1")
        with server.connect() as connection:
            self.assertEqual(b"", receive(connection))

    def test_query_buffer_limit(self):
        server = self.start("--client-query-buffer-limit", "1mb")
        with server.connect() as connection:
            try:
                connection.sendall(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100000000\r\n" + b"x" * 4_000_000)
            except (ConnectionResetError, BrokenPipeError):
                pass
            self.assertEqual(b"", receive(connection))

    def test_output_buffer_limit(self):
        server = self.start("--client-output-buffer-limit", "normal 10mb 0 0")
        client = server.client()
        client.set("big", b"x" * 1_000_000)
        with server.connect() as connection:
            connection.sendall(b"GET big\r\n" * 100)
            self.assertLess(len(receive(connection)), 100_000_000)
        self.assertEqual(1, client.info("stats")["client_output_buffer_limit_disconnections"])
        client.close()

    def test_lines_of_the_log_are_short(self):
        server = self.start("--client-output-buffer-limit", "normal 1mb 0 0")
        client = server.client()
        client.client_setname("n" * 100_000)
        client.set("k", "x" * 2_000_000)
        with self.assertRaises(redis.exceptions.ConnectionError):
            client.get("k")
        self.assertIn("name=nnn", server.log())
        self.assertLess(max(len(line) for line in server.log().splitlines()), 1200)

    def test_events_are_told_in_the_order_of_redis(self):
        client = self.start().client(decode_responses=True)
        for given, told in (("Kn$", "$nK"), ("mnKE$gx", "g$xnKEm"), ("KEAm", "AKEm")):
            client.config_set("notify-keyspace-events", given)
            self.assertEqual(told, client.config_get("notify-keyspace-events")["notify-keyspace-events"])

    def test_maxmemory(self):
        server = self.start("--maxmemory", "20mb")
        client = server.client()
        with self.assertRaisesRegex(redis.ResponseError, "command not allowed when used memory"):
            for i in range(100):
                client.set(f"k{i}", b"x" * 1_000_000)
        self.assertGreater(client.delete(*[f"k{i}" for i in range(100)]), 5)
        self.assertTrue(client.set("again", "fits"))
        client.close()

    def test_config_set_is_atomic(self):
        server = self.start()
        client = server.client(decode_responses=True)
        with self.assertRaisesRegex(redis.ResponseError, "possibly related to argument 'timeout'"):
            client.execute_command("CONFIG", "SET", "maxmemory", "1gb", "timeout", "never")
        self.assertEqual("0", client.config_get("maxmemory")["maxmemory"])
        client.close()

    def test_daemonize_and_pid_file(self):
        directory = tempfile.TemporaryDirectory(prefix="torc-server-")
        self.addCleanup(directory.cleanup)
        port, path = free_port(), f"{directory.name}/torc.pid"
        arguments = ["--port", str(port), "--bind", "127.0.0.1", "--daemonize", "yes", "--pidfile", path]
        subprocess.run([os.environ["TORC_SERVER"], *arguments], check=True, timeout=20)
        client = redis.Redis(port=port)
        for _ in range(200):
            try:
                client.ping()
                break
            except redis.ConnectionError:
                time.sleep(0.05)
        try:
            self.assertEqual(int(Path(path).read_text()), client.info("server")["process_id"])
        finally:
            client.shutdown(nosave=True)
            client.close()


if __name__ == "__main__":
    unittest.main()
