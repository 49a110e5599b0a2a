#!/usr/bin/python3
# test: timeout 600
"""Commands that are newer than Redis 7.2, at random, at a redis-server of 8.4 or later (TORC_NEWER_ORACLE) and at torc:
replies and keyspace events must be the same. What is propagated is not compared: torc has older forms of it on purpose,
see docs/differences.md.
"""

import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import grammar  # noqa: E402
import oracle  # noqa: E402
import seeds  # noqa: E402
from random_commands_test import Comparison  # noqa: E402
from recording import Recording  # noqa: E402

ORACLE = os.environ.get("TORC_NEWER_ORACLE")
TIME = "ex {seconds}|px {milliseconds}|exat {deadline_s}|pxat {deadline_ms}"
FIELDS = "(fields 1 {member}|fields 2 {member} {member}|fields 3 {member} {member} {member}|fields {count} {member})"
PAIRS = "(fields 1 {member} {value}|fields 2 {member} {value} {member} {value}|fields {count} {member} {value})"
IDS = "(ids 1 {streamid}|ids 2 {streamid} {streamid}|ids 4 {streamid} {streamid} {streamid} {streamid}|ids {count})"

TEMPLATES = [
    # Fields with a time to live. Encodings are left out: a hash without deadlines stays what it was.
    "12 hset {hashkey} {member} {value} [{member} {value}] [{member} {value} {member} {value}]",
    "3 hdel {hashkey} {member}*",
    "2 hsetnx {hashkey} {member} {value}",
    "2 hincrby {hashkey} {member} {integer}",
    "2 hincrbyfloat {hashkey} {member} {float}",
    "2 (hgetall|hlen) {hashkey}",
    "2 hscan {hashkey} 0 count 1000 novalues",
    f"4 hexpire {{hashkey}} {{seconds}} [nx|xx] {FIELDS}",
    f"4 hpexpire {{hashkey}} {{milliseconds}} [nx|xx] {FIELDS}",
    f"4 hexpireat {{hashkey}} {{deadline_s}} [nx|xx|gt|lt] {FIELDS}",
    f"4 hpexpireat {{hashkey}} {{deadline_ms}} [nx|xx|gt|lt] [nx|gt] {FIELDS}",
    f"4 (httl|hpttl|hexpiretime|hpexpiretime) {{hashkey}} {FIELDS}",
    f"3 hpersist {{hashkey}} {FIELDS}",
    f"3 hgetdel {{hashkey}} {FIELDS}",
    f"6 hgetex {{hashkey}} [{TIME}|persist|keepttl] {FIELDS}",
    f"8 hsetex {{hashkey}} [fnx|fxx] [{TIME}|keepttl] {PAIRS}",
    f"2 hsetex {{hashkey}} [{TIME}|keepttl] [fnx|fxx] [fnx|persist] {PAIRS} [fnx|keepttl]",
    "1 del {hashkey}",
    "1 copy {hashkey} {hashkey} [replace]",
    "1 rename {hashkey} {hashkey}",
    "1 debug digest-value {hashkey} {hashkey}",
    # Streams. Groups are made once: Redis remembers the place of one that was destroyed.
    "16 xadd {streamkey} {newid} {member} {value}",
    "4 xgroup create {streamkey} {group} 0 [mkstream]",
    "8 xreadgroup group {group} {consumer} [count {count}] streams {streamkey} >",
    "2 xack {streamkey} {group} {streamid}*",
    "1 xdel {streamkey} {streamid}",
    f"8 xdelex {{streamkey}} [keepref|delref|acked] {IDS} [delref]",
    f"8 xackdel {{streamkey}} {{group}} [keepref|delref|acked] {IDS} [delref]",
    "4 xread [count {count}] streams {streamkey} +",
    "2 xread [count {count}] streams {streamkey} {streamkey} + (+|$|{streamid})",
    "2 xrange {streamkey} - +",
    "2 xpending {streamkey} {group}",
    # Strings. With GET and a digest that is none Redis replies twice.
    "8 set {key} {short} [nx|xx|ifeq {short}|ifne {short}] [get] [" + TIME + "|keepttl]",
    "4 set {key} {short} (ifdeq|ifdne) {digest} [" + TIME + "|keepttl]",
    "4 delex {key} [ifeq {short}|ifne {short}|ifdeq {digest}|ifdne {digest}]",
    "3 digest {key}",
    "4 msetex {count} {key} {short} [{key} {short}] [{key} {short}] [nx|xx] [" + TIME + "|keepttl]",
    "4 bitop (diff|diff1|andor|one) {key} {key}*",
    "2 get {key}",
    "1 (lpush {key} a|del {key})",
    "1 hello (2|3)",
]

# Behind a comparison Redis forgets to refuse NX and XX.
grammar.UNSPOILT.add(b"set")


def newer_than_8_3(version: str) -> bool:
    return [int(part) for part in version.split(".")[:2]] >= [8, 4]


class EventsOnly(Comparison):
    def run(self, commands: int) -> None:
        assert newer_than_8_3(self._expected.version), self._expected.version
        super().run(commands)

    def _compare_effects(self, batch, expected, got) -> None:
        super()._compare_effects(batch, *([e for e in effects if e[0] == b"E"] for effects in (expected, got)))


class Templates(unittest.TestCase):
    """What can be asked without another server: a template that torc did not understand would compare two errors."""

    def test_torc_understands_them(self) -> None:
        maker, torc = grammar.Grammar(TEMPLATES, seed=1), Recording()
        try:
            commands = [maker.command() for _ in range(5000)]
            replies = torc.run(commands)
        finally:
            torc.close()
        self.assertEqual(len(replies), len(commands))
        errors = [reply[1] for reply in replies if reply[0] == "-"]
        self.assertFalse([text for text in errors if text.startswith(b"ERR unknown command")])
        self.assertLess(len(errors), len(replies) / 2)


@unittest.skipUnless(ORACLE, "TORC_NEWER_ORACLE names no redis-server")
class NewerCommands(unittest.TestCase):
    def compare(self, seed: int) -> None:
        EventsOnly(seed, oracle.Oracle(ORACLE), Recording(), TEMPLATES).check(self)


seeds.add_tests(NewerCommands)

if __name__ == "__main__":
    unittest.main()
