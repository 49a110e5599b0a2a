#!/usr/bin/python3
# test: timeout 600
"""Random commands at redis-server and at torc: replies, keyspace events and propagated commands must be the same.

TORC_COMPAT_COMMANDS commands (20,000; with TORC_TEST_LONG 1,000,000) for each of TORC_COMPAT_SEEDS ("1 2 3").
"""

import os
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import normalise  # noqa: E402
import oracle  # noqa: E402
import seeds  # noqa: E402
import since_7_2  # noqa: E402
import templates  # noqa: E402
from grammar import Grammar  # noqa: E402
from recording import Recording  # noqa: E402

BATCH = 50
# Every so many batches some keys get a deadline that passes before the next one.
OVERDUE_EVERY = 100
OVERDUE_AFTER_MS = 100
DIFFERENCES_SHOWN = 4
COMMANDS = int(os.environ.get("TORC_COMPAT_COMMANDS", "1000000" if "TORC_TEST_LONG" in os.environ else "20000"))


def show(words) -> str:
    return " ".join(repr(word if len(word) < 80 else word[:60] + b"...")[1:] for word in words)


def different(command, expected, got) -> str:
    return f"{show(command)}\n    redis {str(expected)[:300]}\n    torc  {str(got)[:300]}"


class Comparison:
    def __init__(self, seed: int, expected, got, lines: list[str] = templates.ALL):
        self._expected, self._got = expected, got
        self._old = expected.version.startswith("7.0")
        self._grammar = Grammar(since_7_2.templates_before(lines) if self._old else lines, seed)
        self._queued: list[list[bytes]] = []   # since MULTI
        self._stale = False                    # the batch has a SORT that failed for what was before
        self._walks = False                    # the batch has commands that delete in the order of the table
        self.differences: list[str] = []

    def check(self, case: unittest.TestCase) -> None:
        """All commands; then both servers end."""
        case.addCleanup(self._expected.close)
        case.addCleanup(self._got.close)
        self.run(COMMANDS)
        if self.differences:
            case.fail("\n" + "\n".join(self.differences))

    def run(self, commands: int) -> None:
        for number in range(commands // BATCH):
            self._run([self._grammar.command() for _ in range(BATCH)])
            if number % OVERDUE_EVERY == 0:
                self._let_keys_become_overdue()
            if len(self.differences) >= DIFFERENCES_SHOWN:
                return

    def _run(self, batch: list[list[bytes]]) -> None:
        self._stale = False
        self._walks = normalise.walks([*self._queued, *batch])  # EXEC may run what an earlier batch queued
        self._compare_replies(batch, self._expected.run(batch), self._got.run(batch))
        self._compare_effects(batch, self._expected.effects(), self._got.effects())

    def _let_keys_become_overdue(self) -> None:
        """Keys that the servers' time could tell apart have no place among random commands; these are waited for."""
        found = len(self.differences)
        deadline_ms = int(time.time() * 1000) + OVERDUE_AFTER_MS
        self._run(self._grammar.commands_with_deadline(deadline_ms))
        late = time.time() * 1000 >= deadline_ms
        time.sleep(max(0.0, deadline_ms / 1000 - time.time()) + 0.002)
        if late:  # one of them deleted at once: the same state again for both, and no verdict
            del self.differences[found:]
            for server in (self._expected, self._got):
                server.run([[b"discard"], [b"flushall"]])
                server.effects()

    def _compare_replies(self, batch, expected, got) -> None:
        if len(expected) != len(got):
            self.differences.append(f"{len(got)} replies instead of {len(expected)} to " + "; ".join(map(show, batch)))
        for command, a, b in zip(batch, expected, got):
            if self._same(command, a, b) or (self._old and since_7_2.right_reply(command, a, b)):
                continue
            self.differences.append(different(command, a, b))

    def _same(self, command: list[bytes], expected, got) -> bool:
        name = normalise.name_of(command)
        self._stale |= normalise.is_stale(command, expected, got)
        if expected == ("+", b"QUEUED"):
            self._queued.append(command)
        elif name == b"multi" and expected[0] == "+":
            self._queued = []
        elif name in (b"exec", b"discard"):
            queued, self._queued = self._queued, []
            if isinstance(expected[1], list) and isinstance(got[1], list):
                return self._same_inner(queued, expected[1], got[1])
        return normalise.same_reply(command, expected, got)

    def _same_inner(self, commands, expected, got) -> bool:
        if not len(commands) == len(expected) == len(got):
            return False
        for command, a, b in zip(commands, expected, got):
            self._stale |= normalise.is_stale(command, a, b)
            same = normalise.same_reply(command, a, b, queued=True)
            if not same and not (self._old and since_7_2.right_reply(command, a, b)):
                self.differences.append(different(command, a, b))
        return True

    def _compare_effects(self, batch, expected, got) -> None:
        if self._old:
            expected, got = since_7_2.as_before(expected), since_7_2.as_before(got)
        if self._stale:
            expected, got = normalise.without_misses(expected), normalise.without_misses(got)
        if self._walks:
            expected, got = (sorted(map(normalise.canonical, effects)) for effects in (expected, got))
        for a, b in zip(expected, got):
            if not normalise.same_effect(a, b):
                break
        else:
            if len(expected) == len(got):
                return
            longer = expected if len(expected) > len(got) else got
            a, b = (longer[len(got)], (b"nothing",)) if longer is expected else ((b"nothing",), longer[len(expected)])
        commands = "; ".join(map(show, batch))[:3000]
        self.differences.append(f"effects of {commands}\n    redis {show(a)}\n    torc  {show(b)}")


@unittest.skipUnless(oracle.find(), "there is no redis-server to compare with")
class RandomCommands(unittest.TestCase):
    def compare(self, seed: int) -> None:
        Comparison(seed, oracle.Oracle(oracle.find()), Recording()).check(self)


seeds.add_tests(RandomCommands)

if __name__ == "__main__":
    unittest.main()
