#!/usr/bin/python3
"""tools/test: a case that fails, dies, hangs or never runs counts as failed, whatever the program says at its end."""

import json
import os
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from testing import gtest_results, main, process, programs, runner  # noqa: E402
from testing.outcome import Outcome  # noqa: E402
from testing.process import Finished  # noqa: E402
from testing.programs import Program  # noqa: E402

GTEST_HEAD = "[==========] Running 4 tests from 1 test suite.\n[ RUN      ] A.One\n[       OK ] A.One (0 ms)\n"


class Directory(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)

    def write(self, path: str, content: str) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, "utf-8")
        return target

    def run_script(self, content: str, timeout_s: float = 30, pattern: str = "") -> Outcome:
        script = self.write("tests/x/a_test.py", content)
        program = Program("x/a_test", "script", [str(script)], str(self.root), timeout_s=timeout_s)
        return runner.Runner({}, 1, pattern, self.root).run(program)


class Gtest(Directory):
    def evaluate(self, output: str, status: int | None, report: dict | None = None) -> tuple[int, int]:
        path = self.root / "report"
        if report is not None:
            path.write_text(json.dumps(report), "utf-8")
        outcome = gtest_results.outcome(Finished(status, output, 1.0), path)
        return outcome.passed, outcome.failed

    def report(self, **cases: dict) -> dict:
        entries = [{"name": name, "status": "RUN", "result": "COMPLETED", **case} for name, case in cases.items()]
        return {"testsuites": [{"name": "A", "testsuite": entries}]}

    def test_a_report(self):
        report = self.report(One={}, Two={"failures": [{"failure": "x"}]}, Three={"result": "SKIPPED"},
                             Four={"status": "NOTRUN"})
        self.assertEqual(self.evaluate("", 1, report), (1, 1))

    def test_a_bad_status_after_good_cases(self):
        self.assertEqual(self.evaluate("", 23, self.report(One={})), (1, 1))

    def test_death_in_the_middle(self):
        self.assertEqual(self.evaluate(GTEST_HEAD + "[ RUN      ] A.Two\n", -6), (1, 3))
        failed = GTEST_HEAD + "[ RUN      ] A.Two\n[  FAILED  ] A.Two (0 ms)\n[ RUN      ] A.Three\n"
        self.assertEqual(self.evaluate(failed, None), (1, 3))
        parametrised = GTEST_HEAD + "[ RUN      ] A.Two\n[  FAILED  ] A.Two, where GetParam() = 2 (0 ms)\n"
        self.assertEqual(self.evaluate(parametrised, -11), (1, 3))

    def test_death_before_and_after_the_cases(self):
        self.assertEqual(self.evaluate("", -11), (0, 1))
        head = GTEST_HEAD.replace("4 tests", "1 test")
        self.assertEqual(self.evaluate(head, -11), (1, 1))


class Scripts(Directory):
    def test_counts(self):
        outcome = self.run_script("""
import unittest
class T(unittest.TestCase):
    def test_good(self): pass
    def test_bad(self): self.fail("why")
    def test_error(self): raise ValueError
    def test_subtests_count_once(self):
        for i in range(3):
            with self.subTest(i=i): self.assertEqual(i, 1)
    @unittest.skip("reason")
    def test_skipped(self): pass
    @unittest.expectedFailure
    def test_unexpected(self): pass
""")
        self.assertEqual((outcome.passed, outcome.failed, len(outcome.skipped)), (1, 4, 1))

    def test_set_up_of_a_class(self):
        outcome = self.run_script("""
import unittest
class Bad(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise ValueError
    def test_1(self): pass
    def test_2(self): pass
class Skipped(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise unittest.SkipTest("no")
    def test_1(self): pass
""")
        self.assertEqual((outcome.passed, outcome.failed, len(outcome.skipped)), (0, 2, 1))

    def test_tear_down_of_a_class(self):
        outcome = self.run_script("""
import unittest
class T(unittest.TestCase):
    @classmethod
    def tearDownClass(cls): raise ValueError
    def test_1(self): pass
""")
        self.assertEqual((outcome.passed, outcome.failed), (1, 1))

    def test_death(self):
        outcome = self.run_script("""
import os, unittest
class T(unittest.TestCase):
    def test_a(self): pass
    def test_b(self): os.abort()
    def test_c(self): pass
""")
        self.assertEqual((outcome.passed, outcome.failed), (1, 2))
        self.assertIn("SIGABRT", outcome.failures[0].message)

    def test_a_script_that_does_not_load(self):
        self.assertEqual(self.run_script("import does_not_exist\n").failed, 1)
        self.assertEqual(self.run_script("import sys; sys.exit(0)\n").failed, 1)

    def test_timeout_takes_the_children_along(self):
        pid_file = self.root / "pid"
        outcome = self.run_script(f"""
import subprocess, time, unittest
class T(unittest.TestCase):
    def test_a(self):
        child = subprocess.Popen(["sleep", "100"])
        open({str(pid_file)!r}, "w").write(str(child.pid))
        child.wait()
    def test_b(self): pass
""", timeout_s=3)
        self.assertEqual((outcome.passed, outcome.failed), (0, 2))
        self.assertTrue(ends(int(pid_file.read_text())))

    def test_case_pattern(self):
        text = "import unittest\nclass T(unittest.TestCase):\n def test_a(self): pass\n def test_b(self): self.fail()\n"
        outcome = self.run_script(text, pattern="test_a")
        self.assertEqual((outcome.passed, outcome.failed), (1, 0))


def ends(pid: int) -> bool:
    """A signal takes its time on a busy machine; a process that nobody killed would stay for 100 s."""
    deadline = time.monotonic() + 30
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_running(pid)


def is_running(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


class Plain(Directory):
    def test_status(self):
        for code, expected in (("pass", (1, 0)), ("raise SystemExit(1)", (0, 1)), ("import os; os.abort()", (0, 1))):
            program = Program("x/y", "plain", [sys.executable, "-c", code], str(self.root))
            outcome = runner.Runner({}, 1, "", self.root).run(program)
            self.assertEqual((outcome.passed, outcome.failed), expected, code)

    def test_a_program_that_cannot_be_started(self):
        outcome = runner.Runner({}, 1, "", self.root).run(Program("x/y", "plain", ["./missing"], str(self.root)))
        self.assertEqual(outcome.failed, 1)

    def test_a_program_without_tests_fails(self):
        outcomes: list[tuple[str, Outcome]] = []
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            saved, sys.stdout = sys.stdout, nowhere
            try:
                runner.Runner({}, 1, "", self.root).finish(outcomes, Program("x/y", "gtest", [], ""), Outcome())
                good = main.print_summary([("x/y", Outcome(passed=1))])
                bad = main.print_summary([("x/y", Outcome())]), main.print_summary([]), main.print_summary(outcomes)
            finally:
                sys.stdout = saved
        self.assertEqual(outcomes[0][1].failed, 1)
        self.assertTrue(good)
        self.assertEqual(bad, (False, False, False))

    def test_environment_and_tail(self):
        with open(self.root / "output", "w+b") as output:
            finished = process.run(["/bin/sh", "-c", "echo $NAME"], str(self.root), {"NAME": "value"}, 5, output)
        self.assertEqual((finished.status, finished.output), (0, "value\n"))


class Discovery(Directory):
    def test_scripts_and_directives(self):
        self.write("tests/server/a_test.py",
                   "# test: serial\n# test: timeout 7\n# test: variant A=1\n# test: variant A=2\n")
        self.write("tests/compat/deep/b_test.py", "# test: long\n")
        self.write("tests/compat/helper.py", "")
        found = programs.from_scripts(self.root)
        self.assertEqual([program.label for program in found],
                         ["compat/deep/b_test", "server/a_test", "server/a_test[A=1]", "server/a_test[A=2]"])
        self.assertEqual([program.long for program in found], [True, False, False, False])
        self.assertEqual([program.environment for program in found[1:]], [{}, {"A": "1"}, {"A": "2"}])
        self.assertTrue(found[3].serial)
        self.assertEqual(found[3].timeout_s, 7)

    def test_unknown_directives_are_refused(self):
        self.write("tests/server/a_test.py", "# test: sometimes\n")
        with self.assertRaises(SystemExit):
            programs.from_scripts(self.root)

    def test_meson_tests(self):
        test = {"name": "base", "cmd": [str(self.root / "tests/unit/base/base_test")], "workdir": None, "env": {},
                "timeout": 30, "protocol": "exitcode", "is_parallel": True, "suite": ["torc"]}
        program = programs.meson_program(test, ["torc"], self.root)
        self.assertEqual((program.label, program.kind), ("unit/base", "gtest"))
        test["cmd"] = ["/usr/bin/python3", "tools/lint"]
        program = programs.meson_program(test, ["lint", "long"], self.root)
        self.assertEqual((program.label, program.kind, program.long), ("lint/base", "plain", True))


if __name__ == "__main__":
    unittest.main()
