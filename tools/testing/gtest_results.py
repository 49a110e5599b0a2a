"""Counts the cases of a GoogleTest program: from its JSON report, or from its output when it died before writing
one.
"""

import json
import re
from pathlib import Path

from testing.outcome import Outcome
from testing.process import Finished

RUNNING = re.compile(r"^\[==========\] Running (\d+) tests?", re.MULTILINE)
STARTED = re.compile(r"\[ RUN      \] (\S+)")
PASSED = re.compile(r"\[       OK \] (\S+)")
FAILED = re.compile(r"\[  FAILED  \] (\S+?),? (?:where .*)?\(\d+ ms\)")
SKIPPED = re.compile(r"\[  SKIPPED \] (\S+) \(")


def outcome(finished: Finished, report: Path) -> Outcome:
    """report is the file named by --gtest_output=json:, which may be missing or cut short."""
    try:
        parsed = json.loads(report.read_text("utf-8"))
    except (OSError, ValueError):
        return from_output(finished)
    result = from_report(parsed)
    if finished.status != 0 and not result.failures:
        result.fail("(program)", f"all cases passed, yet {finished.describe()}")
    return result


def from_report(report: dict) -> Outcome:
    result = Outcome()
    for suite in report.get("testsuites", []):
        for case in suite.get("testsuite", []):
            count_case(result, f"{suite['name']}.{case['name']}", case)
    return result


def count_case(result: Outcome, name: str, case: dict) -> None:
    if case.get("status") != "RUN":
        return
    if case.get("failures"):
        result.fail(name, case["failures"][0].get("failure", "failed"))
    elif case.get("result") == "SKIPPED":
        result.skipped.append(f"{name}: skipped by the test")
    else:
        result.passed += 1


def from_output(finished: Finished) -> Outcome:
    """The program died: the case that was running failed, and so did all that never started."""
    result = Outcome()
    text = finished.output
    running = RUNNING.search(text)
    if not running:
        result.fail("(program)", f"ran no test: {finished.describe()}")
        return result
    started = dict.fromkeys(STARTED.findall(text))
    passed, failed = set(PASSED.findall(text)), set(FAILED.findall(text))
    skipped = set(SKIPPED.findall(text))
    result.passed = len(passed)
    result.skipped = [f"{name}: skipped by the test" for name in sorted(skipped)]
    for name in started:
        if name in failed:
            result.fail(name, "failed")
        elif name not in passed | skipped:
            result.fail(name, finished.describe())
    never_started = int(running[1]) - len(started)
    result.fail("(not run)", f"{never_started} cases never ran: {finished.describe()}", never_started)
    if not result.failures:
        result.fail("(program)", f"wrote no report: {finished.describe()}")
    return result
