#!/usr/bin/python3
"""CONFIG against redis-server: every directive is known, has its default, and refuses what Redis refuses, in the same
words."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import redis

sys.path.insert(0, str(Path(__file__).resolve().parent))

import oracle  # noqa: E402

# What differs on purpose (docs/differences.md), or belongs to the machine or this run.
DEFAULTS_DIFFER = {"port", "bind", "dir", "save", "disable-thp", "logfile", "pidfile"}
# Accepted by redis-server and refused here, because the part is missing; or dangerous to this run.
NOT_TRIED = {"save", "appendonly", "tls-port", "min-replicas-to-write", "bind", "port", "requirepass", "maxclients",
             "maxmemory", "oom-score-adj", "oom-score-adj-values", "dir", "proc-title-template", "locale-collate",
             "watchdog-period", "disable-thp", "activedefrag", "jemalloc-bg-thread"}
# redis-server sees an empty word before the space.
LENIENT = {("latency-tracking-info-percentiles", " 1")}
HIDDEN = ["use-exit-on-panic", "aof-disable-auto-gc", "rdb-key-save-delay", "key-load-delay", "cluster-ping-interval",
          "watchdog-period", "loading-process-events-interval-bytes"]
HOSTILE = ["", "x", "-1", "-2147483649", "99999999999999999999", "2147483648", "5%", "101%", "1gb", "yes", "a/b",
           "a b", "100 200", "0x10", " 1", "1.5", "mem", "2gbx", "Yes"]


class Server:
    def __init__(self, binary: str, *options: str, **environment: str):
        self.directory = tempfile.TemporaryDirectory(prefix="torc-config-")
        self.port = oracle.free_port()
        self.process = subprocess.Popen([binary, "--port", str(self.port), "--bind", "127.0.0.1", *options],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.directory.name,
                                        env=os.environ | environment)
        self.client = redis.Redis(port=self.port, socket_timeout=20)
        for _ in range(400):
            try:
                self.client.ping()
                return
            except redis.ConnectionError:
                time.sleep(0.05)
        raise RuntimeError(f"{binary} did not start")

    def call(self, *words):
        try:
            return self.client.execute_command(*words)
        except redis.ResponseError as error:
            return str(error)

    def get(self, pattern: str) -> dict[str, str]:
        reply = self.client.execute_command("CONFIG GET", pattern)
        items = reply.items() if isinstance(reply, dict) else zip(reply[::2], reply[1::2])
        text = {bytes: bytes.decode, str: str}
        return {text[type(name)](name): text[type(value)](value) for name, value in items}

    def stop(self) -> None:
        self.client.close()
        self.process.terminate()
        self.process.wait(timeout=20)
        self.directory.cleanup()


@unittest.skipUnless(oracle.find(), "no redis-server")
class Config(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.torc, cls.redis = Server(os.environ["TORC_SERVER"]), Server(oracle.find())
        cls.version = cls.redis.client.info("server")["redis_version"]

    @classmethod
    def tearDownClass(cls) -> None:
        cls.torc.stop()
        cls.redis.stop()

    def test_every_name_is_known(self):
        names = {name for name in self.redis.get("*") if self.redis.get(name)}
        self.assertGreater(len(names), 150)
        # Some that are hidden in 7.2 were not before.
        self.assertEqual(set(), names - self.torc.get("*").keys() - set(HIDDEN))

    def test_hidden_names_answer_only_in_full(self):
        listed = self.torc.get("*")
        for name in HIDDEN:
            self.assertIn(name, self.torc.get(name))
            self.assertNotIn(name, listed)

    def test_defaults(self):
        ours, theirs = self.torc.get("*"), self.redis.get("*")
        different = {name: (ours[name], value) for name, value in theirs.items()
                     if name in ours and ours[name] != value and name not in DEFAULTS_DIFFER}
        if self.version.startswith("7.2"):
            self.assertEqual({}, different)
        self.assertLess(len(different), 5)

    def try_value(self, name: str, value: str) -> None:
        old = self.redis.get(name)[name]
        expected = self.redis.call("CONFIG", "SET", name, value)
        given = self.torc.call("CONFIG", "SET", name, value)
        self.assertEqual(expected, given)
        self.assertEqual(self.redis.get(name)[name], self.torc.get(name)[name])
        for server in (self.redis, self.torc):
            server.call("CONFIG", "SET", name, old)

    def test_hostile_values(self):
        if not self.version.startswith("7.2"):
            self.skipTest(f"errors are those of 7.2, and this is {self.version}")
        # Without certificates, redis-server does not survive every tls setting.
        names = {name for name in self.redis.get("*") if not name.startswith("tls-")}
        for name in sorted(names - NOT_TRIED):
            for value in HOSTILE:
                if (name, value) in LENIENT:
                    continue
                with self.subTest(name=name, value=value):
                    self.try_value(name, value)

    def test_requests(self):
        for words in (["SET"], ["SET", "timeout"], ["SET", "timeout", "1", "hz"], ["SET", "nothing", "1"],
                      ["SET", "timeout", "1", "nothing", "1"], ["SET", "timeout", "1", "TIMEOUT", "2"],
                      ["SET", "slave-priority", "1", "replica-priority", "2"], ["SET", "daemonize", "yes"],
                      ["SET", "daemonize", "yes", "nothing", "1"], ["SET", "dir", "/"], ["REWRITE"], ["NOTHING"],
                      ["GET"], ["RESETSTAT", "x"], ["REWRITE", "x"]):
            with self.subTest(words=words):
                self.assertEqual(self.redis.call("CONFIG", *words), self.torc.call("CONFIG", *words))


# A locale of our own, since a machine may have none but C: it goes backwards.
BACKWARDS = """LC_COLLATE
order_start forward
<U007A>
<U0079>
<U0062>
<U0061>
order_end
END LC_COLLATE
"""
LETTERS = ["b", "zy", "a", "yz", "z", "aa", "ab", "y", "ba"]
ORDER_BACKWARDS = ["z", "zy", "y", "yz", "b", "ba", "a", "ab", "aa"]
BINARIES = [os.environ.get("TORC_SERVER"), oracle.find()]
INVALID_LOCALE = "CONFIG SET failed (possibly related to argument 'locale-collate') - Invalid locale name"


@unittest.skipUnless(oracle.find() and shutil.which("localedef"), "no redis-server, or no localedef")
class Locale(unittest.TestCase):
    def setUp(self) -> None:
        locales = tempfile.TemporaryDirectory(prefix="torc-locales-")
        self.addCleanup(locales.cleanup)
        self.locales = locales.name
        source = Path(self.locales) / "source"
        source.write_text(BACKWARDS)
        # It warns about all that a whole locale has, and ends with 1.
        subprocess.run(["localedef", "-c", "-i", str(source), f"{self.locales}/backwards"], capture_output=True,
                       timeout=60, check=False)
        self.start()
        if "locale-collate" not in self.servers[1].get("locale-collate"):
            self.skipTest("this redis-server does not know locale-collate")

    def start(self, *options: str, locale: str = "C") -> None:
        self.servers = [Server(binary, *options, LOCPATH=self.locales, LC_ALL=locale) for binary in BINARIES]
        for server in self.servers:
            self.addCleanup(server.stop)
        self.both("RPUSH", "letters", *LETTERS)

    def both(self, *words):
        ours, theirs = (server.call(*words) for server in self.servers)
        self.assertEqual(theirs, ours, words)
        return ours

    def locale(self) -> str:
        ours, theirs = (server.get("locale-collate")["locale-collate"] for server in self.servers)
        self.assertEqual(theirs, ours)
        return ours

    def sorted(self, *words: str) -> list[str]:
        return [item.decode() for item in self.both("SORT", "letters", *words)]

    def test_sort_follows_the_locale(self):
        self.assertEqual("", self.locale())
        self.assertEqual(sorted(LETTERS), self.sorted("ALPHA"))
        for name in ("backwards", "C", "backwards", "POSIX", "backwards", ""):
            expected = ORDER_BACKWARDS if name == "backwards" else sorted(LETTERS)
            with self.subTest(name=name):
                self.assertEqual(b"OK", self.both("CONFIG", "SET", "locale-collate", name))
                self.assertEqual(name, self.locale())
                self.assertEqual(expected, self.sorted("ALPHA"))
                self.assertEqual(expected[::-1], self.sorted("ALPHA", "DESC"))

    def test_the_locale_at_start(self):
        for options, locale in ((("--locale-collate", "backwards"), "C"), ((), "backwards")):
            with self.subTest(options=options, locale=locale):
                self.start(*options, locale=locale)
                self.assertEqual(ORDER_BACKWARDS, self.sorted("ALPHA"))
        for binary in BINARIES:
            with self.subTest(binary=binary):
                ended = subprocess.run([binary, "--port", str(oracle.free_port()), "--bind", "127.0.0.1",
                                        "--locale-collate", "nothing"], capture_output=True, timeout=20, check=False)
                self.assertEqual(1, ended.returncode)
                self.assertIn(b"Failed to configure LOCALE for invalid locale name.", ended.stdout + ended.stderr)

    def test_what_is_stored_follows_the_bytes(self):
        self.both("CONFIG", "SET", "locale-collate", "backwards")
        self.both("SORT", "letters", "ALPHA", "STORE", "stored")
        self.assertEqual([letter.encode() for letter in sorted(LETTERS)], self.both("LRANGE", "stored", "0", "-1"))

    def test_sort_by_follows_the_locale(self):
        self.both("MSET", "weight:a", "b", "weight:b", "y", "weight:y", "a", "weight:z", "z")
        self.both("CONFIG", "SET", "locale-collate", "backwards")
        self.both("RPUSH", "few", "a", "b", "y", "z")
        self.assertEqual([b"z", b"b", b"a", b"y"], self.both("SORT", "few", "BY", "weight:*", "ALPHA"))

    def test_a_locale_that_there_is_not(self):
        for before in ("", "backwards"):
            self.both("CONFIG", "SET", "locale-collate", before)
            order = self.sorted("ALPHA")
            for name in ("nothing", "C.nothing", "xx_YY.UTF-8", "/", "C " * 1000):
                with self.subTest(before=before, name=name):
                    self.assertEqual(INVALID_LOCALE, self.both("CONFIG", "SET", "locale-collate", name))
                    self.assertEqual(before, self.locale())
                    self.assertEqual(order, self.sorted("ALPHA"))
        self.assertEqual(INVALID_LOCALE,
                         self.both("CONFIG", "SET", "locale-collate", "nothing", "timeout", "77"))
        self.assertEqual({"timeout": "0"}, self.servers[0].get("timeout"))


if __name__ == "__main__":
    unittest.main()
