#!/usr/bin/python3
"""COMMAND INFO and COMMAND DOCS of all commands that torc has, compared with redis-server's field by field. Sentences
are our own: of summary, complexity, history and what replaces a command only their presence and the versions are
compared."""

import os
import re
import sys
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "server"))

import oracle  # noqa: E402
from fixture import Server  # noqa: E402
from resp import Connection  # noqa: E402

INFO_FIELDS = ["name", "arity", "flags", "first key", "last key", "step", "categories", "tips", "key specifications"]
# Which redis-server has, with other facts or without them: command (a pattern), field (a pattern), why.
DIFFERENT = [
    ("bitop", "arguments|history", "has Redis 8.2's operations"),
    ("set", "arguments|history", "has Redis 8.4's conditions"),
    ("hscan", "arguments", "has Redis 7.4's NOVALUES"),
    ("monitor|lolwut|xread", "complexity", "Redis does not say it"),
    (r"client\|(caching|tracking)", "missing", "nothing is tracked yet"),
]
# What Redis 7.0 says otherwise than 7.2.
DIFFERENT_7_0 = [
    (".*", "arguments|history|doc_flags|deprecated_since|replaced_by|complexity", "was documented otherwise"),
    (r"client\|setname|config\|(resetstat|rewrite)|latency\|reset|msetnx|randomkey|scan", "tips", "other tips"),
    (r"client\|pause", "since", "counted the version before"),
    (r"cluster\|(shards|slots)", "flags", "not while loading"),
    (r"b(l|r|z).*", "flags", "scripts might not run what may block"),
    (r"z(rev)?rank", "arity|key specifications", "had no WITHSCORE"),
    (r"command\|getkeys(andflags)?", "arity", "needed an argument of the command"),
]
# In torc, not in redis-server 7.2.
MORE = [
    (r"commandlog(\|.*)?", "of Valkey 8.1"),
    ("delex|digest|msetex", "of Redis 8.4"),
    ("xackdel|xdelex", "of Redis 8.2"),
    ("hp?(expire|expireat|expiretime|ttl)|hpersist", "of Redis 7.4"),
    ("hgetdel|hgetex|hsetex", "of Redis 8.0"),
    ("delifeq", "of Valkey 9.0"),
]
SENTENCES = ("summary", "complexity", "replaced_by")


def plain(reply):
    """Text, numbers, lists, dictionaries; sets are sorted, since their order says nothing."""
    kind, value = reply
    if value is None or kind == "_":
        return None
    if kind == "*":
        return [plain(item) for item in value]
    if kind == "~":
        return sorted((plain(item) for item in value), key=str)
    if kind == "%":
        return {plain(name): plain(item) for name, item in zip(value[::2], value[1::2])}
    return int(value) if kind == ":" else value.decode()


def facts_of_info(info) -> dict:
    return dict(zip(INFO_FIELDS, info))


def facts_of_docs(docs: dict) -> dict:
    facts = {name: name in SENTENCES or value for name, value in docs.items() if name != "subcommands"}
    if "history" in facts:
        facts["history"] = sorted({since for since, _ in facts["history"]})
    return facts


def by_name(commands) -> dict:
    """Commands and subcommands, from COMMAND INFO's nested arrays."""
    found = {}
    for command in commands:
        found[command[0]] = facts_of_info(command)
        found.update(by_name(command[9]))
    return found


def docs_by_name(docs: dict) -> dict:
    found = {}
    for name, facts in docs.items():
        found[name] = facts_of_docs(facts)
        found.update(docs_by_name(facts.get("subcommands", {})))
    return found


class Commands(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls) -> None:
        binary = oracle.find()
        if not binary:
            raise unittest.SkipTest("no redis-server")
        cls.servers = [Server()]
        with mock.patch.dict(os.environ, TORC_SERVER=binary, TORC_RING_FEATURES=""):
            cls.servers.insert(0, Server("--save", ""))
        cls.connections = [Connection(server.port) for server in cls.servers]
        for connection in cls.connections:
            connection.call("hello", "3")
        version = re.search(rb"redis_version:(\S+)", cls.connections[0].call("info", "server")[1])[1]
        cls.old = not version.startswith(b"7.2")

    @classmethod
    def tearDownClass(cls) -> None:
        for connection in cls.connections:
            connection.close()
        for server in cls.servers:
            server.stop()

    def both(self, *words: str) -> list:
        return [plain(connection.call(*words)) for connection in self.connections]

    def known(self, command: str, field: str) -> bool:
        table = DIFFERENT + (DIFFERENT_7_0 if self.old else [])
        return any(re.fullmatch(commands, command) and re.fullmatch(fields, field) for commands, fields, _ in table)

    def compare(self, expected: dict, got: dict) -> list[str]:
        differences = []
        for name in sorted(expected.keys() & got.keys()):
            for field in sorted(expected[name].keys() | got[name].keys()):
                a, b = expected[name].get(field), got[name].get(field)
                if a != b and not self.known(name, field):
                    differences.append(f"{name}, {field}: {b} instead of {a}")
        return differences

    def test_info(self):
        expected, got = (by_name(reply) for reply in self.both("command"))
        self.assertEqual([], self.compare(expected, got))

    def test_docs(self):
        expected, got = (docs_by_name(reply) for reply in self.both("command", "docs"))
        self.assertEqual([], self.compare(expected, got))

    def test_no_command_is_made_up(self):
        if self.old:
            self.skipTest("commands of 7.2 are missing there")
        expected, got = (by_name(reply) for reply in self.both("command"))
        made_up = [name for name in got.keys() - expected.keys()
                   if not any(re.fullmatch(pattern, name) for pattern, _ in MORE)]
        self.assertEqual([], sorted(made_up))

    def test_subcommands_are_complete(self):
        expected, got = (by_name(reply) for reply in self.both("command"))
        containers = {name.split("|")[0] for name in got if "|" in name}
        missing = [name for name in expected.keys() - got.keys() if name.split("|")[0] in containers]
        self.assertEqual([], sorted(name for name in missing if not self.known(name, "missing")))


if __name__ == "__main__":
    unittest.main()
