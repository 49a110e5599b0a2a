"""Counts the cases of a unittest script from the events that script_child.py wrote, one JSON object a line."""

import json
from pathlib import Path

from testing.outcome import Outcome
from testing.process import Finished


def read_events(report: Path) -> list[list[str]]:
    """[kind, case, text] each; a last line that was cut short is left out."""
    events = []
    try:
        lines = report.read_text("utf-8").splitlines()
    except OSError:
        return []
    for line in lines:
        try:
            events.append(json.loads(line))
        except ValueError:
            break
    return events


def outcome(finished: Finished, report: Path) -> Outcome:
    result = Outcome()
    expected: int | None = None
    ended = set()
    running = ""
    for kind, case, text in read_events(report):
        if kind == "total":
            expected = int(text)
        elif kind == "start":
            running = case
        elif kind in ("pass", "fail", "skip"):
            ended.add(case)
            running = ""
            count_case(result, kind, case, text)
    if expected is None:
        result.fail("(program)", f"could not be loaded: {finished.describe()}")
        return result
    count_lost(result, finished, running, expected - len(ended))
    return result


def count_case(result: Outcome, kind: str, case: str, text: str) -> None:
    if kind == "pass":
        result.passed += 1
    elif kind == "skip":
        result.skipped.append(f"{case}: {text}")
    else:
        result.fail(case, text)


def count_lost(result: Outcome, finished: Finished, running: str, lost: int) -> None:
    """The case that was running when the script died, and those behind it."""
    if lost > 0 and running:
        result.fail(running, finished.describe())
        lost -= 1
    result.fail("(not run)", f"{lost} cases never ran: {finished.describe()}", lost)
    if finished.status != 0 and not result.failures:
        result.fail("(program)", f"all cases passed, yet {finished.describe()}")
