"""Runs programs, as many at a time as there are cores; those that want to be alone come last, one by one."""

import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from testing import gtest_results, process, script_results
from testing.outcome import Outcome
from testing.programs import Program

CHILD = Path(__file__).with_name("script_child.py")
PYTHON = "/usr/bin/python3"
FAILURE_OUTPUT_LINES = 60


class Runner:
    """variables go into every program's environment; slowdown stretches timeouts (sanitizers)."""

    def __init__(self, variables: dict[str, str], slowdown: float, case_pattern: str, scratch: Path):
        self.variables = variables
        self.slowdown = slowdown
        self.case_pattern = case_pattern
        self.scratch = scratch

    def run_all(self, programs: list[Program]) -> list[tuple[str, Outcome]]:
        """Label and outcome of each, in the order in which they ended."""
        outcomes: list[tuple[str, Outcome]] = []
        together = [program for program in programs if not program.serial]
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            waiting = {pool.submit(self.run, program): program for program in together}
            for future in as_completed(waiting):
                self.finish(outcomes, waiting[future], future.result())
        for program in programs:
            if program.serial:
                self.finish(outcomes, program, self.run(program))
        return outcomes

    def finish(self, outcomes: list[tuple[str, Outcome]], program: Program, outcome: Outcome) -> None:
        if not self.case_pattern and outcome.passed + outcome.failed == 0:
            outcome.fail("(program)", "has no test that ran")
        outcomes.append((program.label, outcome))
        print_outcome(program, outcome)

    def run(self, program: Program) -> Outcome:
        with tempfile.TemporaryDirectory(dir=self.scratch) as directory:
            report = Path(directory) / "report"
            environment = dict(os.environ, **self.variables, **program.environment)
            with open(Path(directory) / "output", "w+b") as output:
                finished = process.run(self.command(program, report), program.directory, environment,
                                       program.timeout_s * self.slowdown, output)
            outcome = evaluate(program, finished, report)
        outcome.seconds, outcome.output = finished.seconds, finished.output
        return outcome

    def command(self, program: Program, report: Path) -> list[str]:
        if program.kind == "gtest":
            filters = [f"--gtest_filter=*{self.case_pattern}*"] if self.case_pattern else []
            return [*program.command, f"--gtest_output=json:{report}", "--gtest_color=no", *filters]
        if program.kind == "script":
            return [PYTHON, str(CHILD), program.command[0], str(report), self.case_pattern]
        return program.command


def evaluate(program: Program, finished: process.Finished, report: Path) -> Outcome:
    if program.kind == "gtest":
        return gtest_results.outcome(finished, report)
    if program.kind == "script":
        return script_results.outcome(finished, report)
    outcome = Outcome()
    if finished.status == 0:
        outcome.passed = 1
    else:
        outcome.fail("(program)", finished.describe())
    return outcome


def print_outcome(program: Program, outcome: Outcome) -> None:
    word = "FAIL" if outcome.failures else "ok"
    counts = f"{outcome.passed} passed" + (f", {outcome.failed} failed" if outcome.failures else "")
    if outcome.skipped:
        counts += f", {len(outcome.skipped)} skipped"
    print(f"{word:4} {program.label}: {counts} ({outcome.seconds:.1f} s)", flush=True)
    if any(not failure.detailed for failure in outcome.failures):
        for line in outcome.output.splitlines()[-FAILURE_OUTPUT_LINES:]:
            print(f"    | {line}")
    for failure in outcome.failures:
        print(f"    {program.label}: {failure.case}: " + failure.message.strip().replace("\n", "\n        "))
    sys.stdout.flush()
