#!/usr/bin/python3
# test: timeout 600
"""Several clients that block on the same keys, at redis-server and at torc: who is served what, and when, must be the
same, and so must the statistics that are left.

One command at a time is sent to both; then all connections are looked at. Before 7.2 a client that was served did not
run its command again, so that errors, counts and what streams' readers hear of were others: such an oracle is left out.
What torc alone can show, that nothing is left of clients that go, is always asked.
TORC_BLOCKING_COMMANDS commands (2,000; with TORC_TEST_LONG 200,000) for each of TORC_COMPAT_SEEDS ("1 2 3").
"""

import os
import random
import select
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import oracle  # noqa: E402
import seeds  # noqa: E402
from grammar import parse  # noqa: E402

CLIENTS = 6
STATISTICS_EVERY = 200
COMMANDS = int(os.environ.get("TORC_BLOCKING_COMMANDS", "200000" if "TORC_TEST_LONG" in os.environ else "2000"))
COMMANDS_ALONE = 1000

WAITING = [
    "6 (blpop|brpop) {key}* {timeout}",
    "4 blmove {key} {key} (left|right) (left|right) {timeout}",
    "2 brpoplpush {key} {key} {timeout}",
    "4 blmpop {timeout} 2 {key} {key} (left|right) [count {count}]",
    "6 (bzpopmin|bzpopmax) {key}* {timeout}",
    "4 bzmpop {timeout} 2 {key} {key} (min|max) [count {count}]",
    "4 xread [count {count}] block {block} streams {key} {id}",
    "4 xread [count {count}] block {block} streams {key} {key} {id} {id}",
    "8 xreadgroup group {group} {consumer} [count {count}] block {block} [noack] streams {key} {groupid}",
    "3 xreadgroup group {group} {consumer} block {block} streams {key} {key} {groupid} {groupid}",
]

FEEDING = [
    "8 (lpush|rpush) {key} {element} [{element}] [{element} {element}]",
    "8 zadd {key} {score} {element} [{score} {element}] [{score} {element} {score} {element}]",
    "1 zadd {key} incr {score} {element}",
    "10 xadd {key} {newid} f {element}",
    "2 xgroup create {key} {group} (0|$) [mkstream]",
    "1 xgroup destroy {key} {group}",
    "1 xgroup setid {key} {group} 0",
    "1 xgroup (createconsumer|delconsumer) {key} {group} {consumer}",
    "1 xdel {key} {oldid}",
    "1 xtrim {key} maxlen 0",
    "1 xsetid {key} {newidonly}",
    "2 xack {key} {group} {oldid}",
    "4 rename {key} {key}",
    "1 renamenx {key} {key}",
    "4 copy {key} {key} [db {database}] [replace]",
    "3 move {key} {database}",
    "3 swapdb 0 1",
    "1 (lpushx|rpushx) {key} {element}",
    "2 lmove {key} {key} left right",
    "1 rpoplpush {key} {key}",
    "1 linsert {key} before {element} {element}",
    "1 geoadd {key} 13.3 38.1 {element}",
    "3 sort {key} (by nosort|alpha) store {key}",
    "2 (zunionstore|zinterstore) {key} 2 {key} {key}",
    "1 zrangestore {key} {key} 0 -1",
    "1 zdiffstore {key} 2 {key} {key}",
    "1 geosearchstore {key} {key} fromlonlat 13 38 byradius 500 km",
    "1 georadius {key} 13 38 500 km store {key}",
    "1 (sunionstore|sinterstore) {key} {key} {key}",
    "1 pfmerge {key}",
    "1 bitop not {key} {key}",
    "1 (lpop|rpop|zpopmin) {key}",
    "4 (del|unlink) {key}*",
    "2 set {key} text",
    "1 hset {key} f v",
    "1 sadd {key} {element}",
    "1 expire {key} -1",
    "1 (flushdb|flushall)",
    "1 type {key}",
]

CONTROL = [
    "6 client unblock {client} [timeout|error]",
    "1 client unblock 1000000",
    "2 select {database}",
    "1 hello (2|3)",
    "1 client no-evict on",
]

# Redis 7.2 crashes when a client is unblocked that a pause postponed.
PAUSED = [
    "1 client unpause",
    "1 client pause 1000000 write",
]


def expanded(lines: list[str]) -> list:
    return [parse(line.partition(" ")[2]) for line in lines for _ in range(int(line.split()[0]))]


class Steps:
    """What happens, from a seed: ("run", client, commands), of which more than one is a transaction, or ("close",
    client)."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.waiting, self.feeding, self.control = map(expanded, (WAITING, FEEDING, CONTROL))
        self.paused = expanded(PAUSED)
        self.is_paused = False
        self.stream_ms = 1

    def next(self, free: list[int], blocked: list[int]) -> tuple:
        """SWAPDB lets Redis look at the keys waited for in the order of a hash table, which is another in every
        process: it has a place only where that makes no difference."""
        while True:
            step = self.any(free, blocked)
            if len(blocked) < 2 or step[0] == "close" or all(words[0] != "swapdb" for words in step[2]):
                return step

    def any(self, free: list[int], blocked: list[int]) -> tuple:
        choice = self.random.randrange(100)
        if blocked and (not free or choice < 2):
            return ("close", self.random.choice(blocked))
        client = self.random.choice(free)
        if len(free) > 1 and choice < 40:
            return ("run", client, [self.command(self.waiting)])
        if choice < 85:
            return ("run", client, [self.command(self.feeding)])
        if choice < 93:
            return ("run", client, [self.control_command()])
        inner = [self.command(self.feeding if self.random.random() < 0.85 else self.waiting)
                 for _ in range(self.random.randrange(1, 5))]
        return ("run", client, [["multi"], *inner, ["exec"]])

    def control_command(self) -> list:
        if not self.is_paused and self.random.random() < 0.9:
            return self.command(self.control)
        command = self.command(self.paused)
        self.is_paused = command[1] == "pause"
        return command

    def command(self, templates: list) -> list:
        words: list = []
        self.expand(self.random.choice(templates), words)
        return words

    def expand(self, sequence: list, words: list) -> None:
        for kind, content in sequence:
            if kind == "word":
                words.append(content)
            elif kind == "argument":
                words.append(self.argument(content))
            elif kind == "many":
                words += [self.argument(content) for _ in range(self.random.randrange(1, 4))]
            elif kind == "one" or self.random.random() < 0.3:
                self.expand(self.random.choice(content), words)

    def argument(self, kind: str):
        pick = self.random.choice
        if kind in ("newid", "newidonly"):
            self.stream_ms += 1
            return f"{self.stream_ms}-*" if kind == "newid" else f"{self.stream_ms}-0"
        if kind == "oldid":
            return f"{max(1, self.stream_ms - self.random.randrange(30))}-0"
        if kind == "client":
            return self.random.randrange(CLIENTS)
        return pick({
            "key": ["k1", "k2", "k3", "k4", "k5"],
            "element": ["a", "b", "c", "d"], "score": ["1", "2", "-3", "2.5", "inf"],
            "database": ["0", "1"], "group": ["g", "h"], "consumer": ["alice", "bob"],
            "count": ["1", "2", "10", "0", "-1"], "id": ["$", "$", "$", "0", "5"],
            "groupid": [">", ">", ">", ">", "0"],
            "timeout": ["0"] * 12 + ["1000", "1000.5", "-1", "x", "nan", "inf", "0x1p3", "1e400", "1e18", "-0", ""],
            "block": ["0"] * 12 + ["100000", "-1", "x", "1.5", "9223372036854775807"],
        }[kind])


class Server:
    """A server and its clients, each with what it was sent and has not answered."""

    def __init__(self, port: int, process):
        self._port, self._process = port, process
        self.control = oracle.connect(self._port)
        self.old = "redis_version:7.0" in self.control.call("info", "server")[1].decode()
        self.clients = [oracle.connect(self._port) for _ in range(CLIENTS)]
        self.ids = [client.call("client", "id")[1].decode() for client in self.clients]
        self.owed = [0] * CLIENTS

    def take(self, step: tuple) -> None:
        if step[0] == "close":
            self.close_client(step[1])
        else:
            self.run(*step[1:])

    def run(self, client: int, commands: list) -> None:
        texts = [[self.ids[word].encode() if isinstance(word, int) else word.encode() for word in words]
                 for words in commands]
        self.clients[client].send(*texts)
        self.owed[client] += len(commands)

    def close_client(self, client: int) -> None:
        self.clients[client].close()
        self.clients[client] = oracle.connect(self._port)
        self.ids[client] = self.clients[client].call("client", "id")[1].decode()
        self.owed[client] = 0

    def settled(self) -> dict[int, list]:
        """The replies that came, by client. Two rounds: what a command makes ready is written with its own reply."""
        for _ in range(2):
            self.control.call("ping")
        replies: dict[int, list] = {}
        for number, client in enumerate(self.clients):
            while self.owed[number] and (client.reader.has_more() or select.select([client.socket], [], [], 0)[0]):
                replies.setdefault(number, []).append(without_version(client.reader.reply()))
                self.owed[number] -= 1
        return replies

    def statistics(self) -> list[str]:
        wanted = ("blocked_clients:", "total_blocking_keys", "keyspace_hits", "keyspace_misses", "errorstat_",
                  "total_error_replies", "db0", "db1")
        text = self.control.call("info", "everything")[1].decode()
        lines = [line for line in text.splitlines() if line.startswith(wanted)]
        return sorted(lines) + sorted(map(calls, (li for li in text.splitlines() if li.startswith("cmdstat_"))))

    def digest(self):
        return self.control.call("debug", "digest")

    def stop(self) -> None:
        for connection in [self.control, *self.clients]:
            connection.close()
        self._process.terminate()
        self._process.wait(timeout=20)


def next_step(steps: Steps, owed: list[int]) -> tuple:
    return steps.next([client for client in range(CLIENTS) if not owed[client]],
                      [client for client in range(CLIENTS) if owed[client]])


def without_version(reply):
    """HELLO tells the version and the client's id."""
    return "hello" if isinstance(reply[1], list) and reply[1][:1] == [("$", b"server")] else reply


def calls(line: str) -> str:
    """Without the times."""
    name, _, fields = line.partition(":")
    kept = [field for field in fields.split(",") if field.startswith(("calls", "rejected", "failed"))]
    return name + ":" + ",".join(kept)


def start(binary: str, directory: str) -> Server:
    port = oracle.free_port()
    process = subprocess.Popen(
        [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", directory,
         "--enable-debug-command", "yes"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return Server(port, process)


class Comparison:
    def __init__(self, seed: int, expected: Server, got: Server):
        self._servers = (expected, got)
        self._steps = Steps(seed)
        self._history: list = []

    def run(self, commands: int) -> str:
        """The first difference, or nothing."""
        for number in range(commands):
            difference = self._step()
            if not difference and number % STATISTICS_EVERY == 0:
                difference = self._compare_statistics()
            if difference:
                return "\n".join([*(" ".join(map(str, step)) for step in self._history[-40:]), difference])
        return ""

    def _step(self) -> str:
        step = next_step(self._steps, self._servers[0].owed)
        self._history.append(step)
        for server in self._servers:
            server.take(step)
        try:
            expected, got = (server.settled() for server in self._servers)
        except (EOFError, OSError) as error:
            return f"    {error}"
        return "" if expected == got else f"    redis {expected}\n    torc  {got}"

    def _compare_statistics(self) -> str:
        expected, got = (server.statistics() for server in self._servers)
        only = [[line for line in a if line not in b] for a, b in ((expected, got), (got, expected))]
        if any(only):
            return f"    redis {only[0]}\n    torc  {only[1]}"
        expected, got = (server.digest() for server in self._servers)
        return "" if expected == got else f"    digests {expected} {got}"


class Alone(unittest.TestCase):
    def test_nothing_is_left_of_clients_that_go(self) -> None:
        with tempfile.TemporaryDirectory(prefix="torc-blocking-") as directory:
            server, steps, waited = start(os.environ["TORC_SERVER"], directory), Steps(1), 0
            try:
                for _ in range(COMMANDS_ALONE):
                    server.take(next_step(steps, server.owed))
                    server.settled()
                    waited += any(server.owed)
                server.control.call("client", "unpause")
                for client in range(CLIENTS):
                    server.close_client(client)
                server.control.call("ping")
                self.assertGreater(waited, COMMANDS_ALONE / 4)
                self.assertIn("blocked_clients:0", server.statistics())
                self.assertIn("total_blocking_keys:0", server.statistics())
                self.assertIn("total_blocking_keys_on_nokey:0", server.statistics())
            finally:
                server.stop()


@unittest.skipUnless(oracle.find(), "there is no redis-server to compare with")
class RandomBlocking(unittest.TestCase):
    def compare(self, seed: int) -> None:
        with tempfile.TemporaryDirectory(prefix="torc-blocking-") as directory:
            servers = [start(binary, directory) for binary in (oracle.find(), os.environ["TORC_SERVER"])]
            try:
                if servers[0].old:
                    self.skipTest("clients wait in another way before 7.2")
                difference = Comparison(seed, *servers).run(COMMANDS)
            finally:
                for server in servers:
                    server.stop()
        if difference:
            self.fail("\n" + difference)


seeds.add_tests(RandomBlocking)

if __name__ == "__main__":
    unittest.main()
