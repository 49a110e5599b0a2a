"""The command line of tools/test: builds, picks the programs, runs them, prints the sum as the last line."""

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

from testing import fuzzing, programs
from testing.outcome import Outcome
from testing.programs import Program
from testing.runner import Runner

ROOT = Path(__file__).resolve().parents[2]
SEED = "1"
SLOWEST_SHOWN = 5
SANITIZER_SLOWDOWN = 5
SANITIZER_OPTIONS = {
    "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools/test", description="Builds torc and runs every test.")
    variant = parser.add_mutually_exclusive_group()
    variant.add_argument("--asan", dest="variant", action="store_const", const="asan",
                         help="with AddressSanitizer and UBSan, in build-asan/")
    variant.add_argument("--tsan", dest="variant", action="store_const", const="tsan",
                         help="with ThreadSanitizer, in build-tsan/")
    parser.add_argument("--long", action="store_true", help="also the campaigns: fuzzing, long comparisons")
    parser.add_argument("--fuzz-seconds", type=int, default=3600, help="time for each fuzz target of --long")
    parser.add_argument("--filter", default="", metavar="PROGRAM[:CASE]",
                        help="only programs (suite/name) and cases whose names contain this, e.g. unit/base:Blob")
    parser.add_argument("--built", type=Path, metavar="DIRECTORY", help="build nothing, test what is in DIRECTORY")
    parser.add_argument("--scripts", action="store_true", help="only the unittest scripts")
    parser.add_argument("--list", action="store_true", help="print the programs and end")
    parser.set_defaults(variant="release")
    return parser.parse_args(arguments)


def build(variant: str) -> Path:
    subprocess.run([str(ROOT / "tools" / "build"), variant], check=True)
    return ROOT / ("build" if variant == "release" else f"build-{variant}")


def find_programs(options: argparse.Namespace, directory: Path) -> list[Program]:
    wanted = options.filter.partition(":")[0]
    found = programs.from_scripts(ROOT)
    if not options.scripts:
        found = programs.from_meson(directory) + found
        if options.long and options.variant == "release" and (not wanted or wanted.startswith("fuzz")):
            found += fuzz_programs(options.fuzz_seconds)
    return [program for program in found if wanted in program.label and (options.long or not program.long)]


def fuzz_programs(seconds: int) -> list[Program]:
    subprocess.run([str(ROOT / "tools" / "setup"), "fuzz"], check=True)
    return fuzzing.programs(ROOT, build("fuzz"), seconds)


def variables(options: argparse.Namespace, directory: Path) -> dict[str, str]:
    """What a test may rely on in its environment (CONTRIBUTING.md lists it)."""
    values = {"TORC_BUILD": str(directory), "TORC_SERVER": str(directory / "torc-server"), "TORC_TEST_SEED": SEED,
              "TORC_TEST_VARIANT": options.variant, "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"}
    if options.long:
        values["TORC_TEST_LONG"] = "1"
    if options.variant != "release":
        values |= SANITIZER_OPTIONS
    return values


def print_summary(outcomes: list[tuple[str, Outcome]]) -> bool:
    """The last line is a contract: "N passed, N failed"."""
    slowest = sorted(outcomes, key=lambda item: -item[1].seconds)[:SLOWEST_SHOWN]
    print("slowest: " + ", ".join(f"{label} {outcome.seconds:.0f} s" for label, outcome in slowest))
    for label, outcome in outcomes:
        for skipped in outcome.skipped:
            print(f"skipped: {label}: {skipped}")
    for label, outcome in outcomes:
        for failure in outcome.failures:
            print(f"failed: {label}: {failure.case}" + (f" ({failure.count} cases)" if failure.count > 1 else ""))
    passed = sum(outcome.passed for _, outcome in outcomes)
    failed = sum(outcome.failed for _, outcome in outcomes)
    if passed + failed == 0:
        print("no test ran")
    print(f"{passed} passed, {failed} failed", flush=True)
    return failed == 0 and passed > 0


def main(arguments: list[str]) -> int:
    options = parse_arguments(arguments)
    started = time.monotonic()
    try:
        directory = options.built.resolve() if options.built else build(options.variant)
        found = find_programs(options, directory)
    except subprocess.CalledProcessError as error:
        print(f"{Path(error.cmd[0]).name} failed\n0 passed, 1 failed")
        return 1
    if options.list:
        print("\n".join(program.label for program in found))
        return 0
    print(f"{len(found)} programs; set-up and build took {time.monotonic() - started:.0f} s", flush=True)
    with tempfile.TemporaryDirectory(prefix="torc-test-") as scratch:
        slowdown = 1 if options.variant == "release" else SANITIZER_SLOWDOWN
        runner = Runner(variables(options, directory), slowdown, options.filter.partition(":")[2], Path(scratch))
        outcomes = runner.run_all(found)
    return 0 if print_summary(outcomes) else 1
