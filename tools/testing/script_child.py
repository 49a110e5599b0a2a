#!/usr/bin/python3
"""Runs the unittest cases of one script and writes an event per line to a report, so that a crash loses nothing.

Usage: script_child.py SCRIPT REPORT [CASE_PATTERN]. Events are [kind, case, text]: total, start, pass, fail, skip.
A case with a failing subTest fails once.
"""

import fnmatch
import importlib.util
import json
import sys
import unittest
from pathlib import Path


class EventResult(unittest.TextTestResult):
    """Reports as unittest does and tells the parent what happens."""

    def __init__(self, *arguments, report, **options):
        super().__init__(*arguments, **options)
        self.report = report
        self.state: dict[str, tuple[str, str]] = {}
        self.ended: set[str] = set()
        self.skipped_classes: set[str] = set()

    def event(self, kind: str, case: str, text: str = "") -> None:
        self.report.write(json.dumps([kind, case, text]) + "\n")
        self.report.flush()

    def startTest(self, test):
        super().startTest(test)
        self.state[test.id()] = ("pass", "")
        self.event("start", test.id())

    def stopTest(self, test):
        super().stopTest(test)
        self.end(test.id(), *self.state[test.id()])

    def end(self, case: str, kind: str, text: str) -> None:
        self.ended.add(case)
        self.event(kind, case, text)

    def mark_failed(self, test, error) -> None:
        if test.id() in self.state:
            self.state[test.id()] = ("fail", self._exc_info_to_string(error, test))

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.mark_failed(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self.mark_failed(test, err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.mark_failed(test, err)

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.state[test.id()] = ("fail", "passed although it is marked as an expected failure")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        if test.id() in self.state:
            self.state[test.id()] = ("skip", reason)
        else:  # a whole class, from its setUpClass: "setUpClass (module.Class)"
            self.skipped_classes.add(test.id().partition("(")[2].rstrip(")"))


def all_cases(suite) -> list[unittest.TestCase]:
    cases, open_suites = [], [suite]
    while open_suites:
        for item in open_suites.pop():
            (open_suites if isinstance(item, unittest.TestSuite) else cases).append(item)
    return cases


def load(script: Path, pattern: str) -> list[unittest.TestCase]:
    spec = importlib.util.spec_from_file_location(script.stem, script)
    module = importlib.util.module_from_spec(spec)
    sys.modules[script.stem] = module
    sys.path.insert(0, str(script.parent))
    spec.loader.exec_module(module)
    cases = all_cases(unittest.defaultTestLoader.loadTestsFromModule(module))
    cases.sort(key=lambda case: case.id())
    return [case for case in cases if not pattern or fnmatch.fnmatch(case.id(), f"*{pattern}*")]


def report_lost(result: EventResult, cases: list[str]) -> None:
    """Cases that never started because the set-up of their class or module did not succeed."""
    for case in cases:
        if case in result.ended:
            continue
        if case.rpartition(".")[0] in result.skipped_classes:
            result.end(case, "skip", "skipped by its class")
        else:
            result.end(case, "fail", "did not run: the set-up of its class or module failed")


def main() -> int:
    script, report_path = Path(sys.argv[1]).resolve(), sys.argv[2]
    pattern = sys.argv[3] if len(sys.argv) > 3 else ""
    with open(report_path, "w", encoding="utf-8") as report:
        cases = load(script, pattern)
        names = [case.id() for case in cases]

        def make_result(*arguments, **options):
            result = EventResult(*arguments, report=report, **options)
            result.event("total", "", str(len(names)))
            return result

        runner = unittest.TextTestRunner(verbosity=2, resultclass=make_result)
        result = runner.run(unittest.TestSuite(cases))
        report_lost(result, names)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
