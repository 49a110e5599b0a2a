#!/usr/bin/python3
"""INFO's sections and fields, and MEMORY STATS', by name: what redis-server has and torc has not, or the other way
round, is named here with its reason."""

import os
import re
import sys
import unittest
from pathlib import Path
from unittest import mock

import redis

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "server"))

import oracle  # noqa: E402
from fixture import Server  # noqa: E402

# In torc, not in redis-server 7.2: section, field (a pattern), why.
MORE = [
    ("server", "torc_version", "the version of what pretends to be redis_version"),
    ("clients", "watching_clients|total_watched_keys", "of Redis 7.4"),
    ("memory", "torc_pinned_bytes", "values that sends refer to"),
    ("stats", "client_(query|output)_buffer_limit_disconnections|expired_subkeys", "of Redis 7.4"),
    ("tick", ".*", "our event loop and its ring"),
]
# In redis-server 7.2, not in torc.
LESS = [
    ("keyspace", "db9", "a database that only one of them has keys in"),
]
# What leaves marks in commandstats and errorstats: refused and failed commands, in transactions too.
COMMANDS = ["SET key", "GET", "INCR key", "CONFIG GET", "CONFIG NOSUCH x", "NOSUCHCOMMAND x", "AUTH wrong",
            "AUTH nobody wrong", "AUTH", "AUTH a b c", "SELECT 99", "SELECT x", "EXEC", "DISCARD", "MULTI", "MULTI",
            "WATCH key", "SET", "NOSUCHCOMMAND", "EXEC", "MULTI", "INCR key", "AUTH x", "SET a b", "GET a", "EXEC",
            "MULTI", "SET a", "DISCARD", "EXEC x", "HELLO 4", "HELLO 3 FOO", "OBJECT NOSUCH key", "OBJECT ENCODING",
            "CLIENT KILL 1.2.3.4:5", "CLIENT SETNAME", "GETEX key FOO", "EXPIRE key x", "SETRANGE key -1 x",
            "RENAME no y", "CONFIG SET maxmemory x", "CONFIG SET nosuch x", "CONFIG SET maxmemory 1",
            "SET big value", "MULTI", "SET big value", "EXEC", "CONFIG SET maxmemory 0", "DEBUG NOSUCH",
            "SWAPDB 1 x", "MOVE key 0", "COPY key key", "LATENCY FOO", "LATENCY HELP x",
            "MEMORY USAGE key SAMPLES -1", "SLOWLOG GET -5", "LATENCY GRAPH x"]
# Of these sections only the form of a line is compared: their fields depend on what was called.
BY_FORM = {"commandstats", "errorstats", "latencystats"}
# Younger than an oracle that is not 7.2.
SINCE_7_2 = ("listener|acl_access_denied_|eventloop_|instantaneous_eventloop_|total_blocking_keys|allocator_|"
             "total_active_defrag|io_thread")


def sections(text: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for line in text.split("\r\n"):
        if line.startswith("# "):
            found[line[2:].lower()] = fields = {}
        elif line:
            name, _, value = line.partition(":")
            fields[name] = value
    return found


def allowed(table, section: str, field: str) -> bool:
    return any(section == where and re.fullmatch(pattern, field) for where, pattern, _ in table)


def form(value: str) -> str:
    return re.sub(r"-?\d+(\.\d+)?", lambda number: "x.x" if number[1] else "x", value)


class InfoFields(unittest.TestCase):
    maxDiff = None
    @classmethod
    def setUpClass(cls) -> None:
        binary = oracle.find()
        if not binary:
            raise unittest.SkipTest("no redis-server")
        cls.torc = Server()
        with mock.patch.dict(os.environ, TORC_SERVER=binary, TORC_RING_FEATURES=""):
            cls.redis = Server("--save", "")
        cls.clients = [server.client(decode_responses=True) for server in (cls.redis, cls.torc)]
        for client in cls.clients:
            cls.fill(client)
        versions = [client.info("server")["redis_version"] for client in cls.clients]
        cls.old = not versions[0].startswith("7.2")

    @classmethod
    def tearDownClass(cls) -> None:
        for client in cls.clients:
            client.close()
        cls.torc.stop()
        cls.redis.stop()

    @staticmethod
    def fill(client: redis.Redis) -> None:
        client.set("key", "value", ex=1000)
        with client.client() as connection:
            for command in COMMANDS:
                try:
                    connection.execute_command(*command.split())
                except redis.RedisError:
                    pass

    def raw(self, *command: str) -> list[str]:
        texts = []
        for server in (self.redis, self.torc):
            with server.client(decode_responses=True) as client:
                client.response_callbacks.clear()
                texts.append(client.execute_command(*command))
        return texts

    def compare(self, section: str, expected: dict[str, str], got: dict[str, str]) -> list[str]:
        if section in BY_FORM:
            common = set(expected) & set(got)
            return [f"{section} {name}: {got[name]} instead of {expected[name]}" for name in common
                    if form(expected[name]) != form(got[name])]
        missing = [f"{section}: {name} is missing" for name in set(expected) - set(got)
                   if not allowed(LESS, section, name)]
        more = [f"{section}: {name} is not Redis's" for name in set(got) - set(expected)
                if not allowed(MORE, section, name) and not (self.old and re.match(SINCE_7_2, name))]
        return missing + more

    def test_no_field_comes_twice(self):
        text = self.raw("INFO", "everything", "debug")[1]
        names = [line.partition(":")[0] for line in text.split("\r\n") if ":" in line]
        self.assertEqual([], sorted(name for name in set(names) if names.count(name) > 1))

    def test_fields(self):
        expected, got = (sections(text) for text in self.raw("INFO", "everything", "debug"))
        got_order = [section for section in got if section in expected]
        self.assertEqual(list(expected), got_order)
        differences = []
        for section in expected:
            differences += self.compare(section, expected[section], got[section])
        self.assertEqual([], sorted(differences))

    def test_values_that_do_not_depend_on_the_machine(self):
        expected, got = (sections(text) for text in self.raw("INFO", "everything"))
        for section in ("clients", "persistence", "replication", "cluster", "errorstats"):
            for name in set(expected[section]) & set(got[section]):
                if name.startswith(("rdb_last_save_time", "master_replid", "client_recent_max")):
                    continue
                self.assertEqual(expected[section][name], got[section][name], name)

    def test_sections_by_name(self):
        for names in ([], ["all"], ["default"], ["everything"], ["server", "CLIENTS"], ["modules"], ["module_list"],
                      ["all", "debug"], ["nothing"], ["default", "commandstats"], ["keyspace", "cpu", "keyspace"]):
            expected, got = (list(sections(text)) for text in self.raw("INFO", *names))
            unknown = {"tick", "debug"} if self.old else {"tick"}
            self.assertEqual(expected, [section for section in got if section not in unknown], names)

    def test_calls_and_errors_are_counted_alike(self):
        if self.old:
            self.skipTest("commands are counted since 7.0, but not yet like this")
        expected, got = (sections(text) for text in self.raw("INFO", "everything"))
        for section in ("commandstats", "errorstats"):
            a, b = ({name: re.sub(r"usec.*?,(?=rej)", "", value) for name, value in fields[section].items()}
                    for fields in (expected, got))
            names = [name for name in a.keys() | b.keys() if a.get(name) != b.get(name)]
            differences = {name: (a.get(name), b.get(name)) for name in names}
            self.assertEqual({}, differences)

    def test_memory_stats(self):
        expected, got = (reply[0::2] for reply in self.raw("MEMORY", "STATS"))
        if self.old:
            self.skipTest("the fields are those of 7.2")
        self.assertEqual(expected, got)

    def test_every_listed_difference_exists(self):
        expected, got = (sections(text) for text in self.raw("INFO", "everything"))
        for section, pattern, _ in MORE:
            names = [name for name in got.get(section, {}) if name not in expected.get(section, {})]
            self.assertTrue(any(re.fullmatch(pattern, name) for name in names), (section, pattern))


if __name__ == "__main__":
    unittest.main()
