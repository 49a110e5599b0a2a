"""Finds the test programs: meson's tests (GoogleTest executables and plain ones) and the unittest scripts under tests/.

A script is any tests/<suite>/**/*_test.py. In its first lines it may say how it wants to be run:
    # test: serial               nothing else runs meanwhile
    # test: timeout 120          seconds for the whole script (default 300)
    # test: long                 only with --long
    # test: variant NAME=value   one more run, with that in the environment (may stand several times)
A meson test in a suite named "long" runs with --long only; meson's is_parallel and timeout are obeyed.
"""

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

DIRECTIVE = "# test: "
DIRECTIVE_LINES_MAX = 40
TIMEOUT_S = 300
# The suite of the meson test that runs the scripts: here they are found one by one.
WRAPPER_SUITE = "scripts"


@dataclass
class Program:
    label: str  # "suite/name"
    kind: str  # "gtest", "script" or "plain"
    command: list[str]
    directory: str
    environment: dict[str, str] = field(default_factory=dict)
    timeout_s: float = TIMEOUT_S
    serial: bool = False
    long: bool = False

    @property
    def suite(self) -> str:
        return self.label.partition("/")[0]


def from_meson(build: Path) -> list[Program]:
    listing = subprocess.run(["meson", "introspect", "--tests", str(build)], check=True, capture_output=True, text=True)
    programs = []
    for test in json.loads(listing.stdout):
        suites = [name.partition(":")[2] or name for name in test["suite"]]
        if WRAPPER_SUITE not in suites:
            programs.append(meson_program(test, suites, build))
    return programs


def meson_program(test: dict, suites: list[str], build: Path) -> Program:
    command = test["cmd"]
    in_unit = command[0].startswith(str(build / "tests" / "unit"))
    named = [name for name in suites if name not in ("long", "torc")]
    suite = named[0] if named else ("unit" if in_unit else "other")
    label = f"{suite}/{test['name'].removeprefix(suite + '/')}"
    return Program(label=label, kind="gtest" if in_unit or test["protocol"] == "gtest" else "plain",
                   command=command, directory=test["workdir"] or str(build), environment=test["env"],
                   timeout_s=max(test["timeout"], TIMEOUT_S), serial=not test["is_parallel"], long="long" in suites)


def from_scripts(root: Path) -> list[Program]:
    programs = []
    for script in sorted((root / "tests").glob("*/**/*_test.py")):
        programs.extend(script_programs(root, script))
    return programs


def script_programs(root: Path, script: Path) -> list[Program]:
    """One program for the script as it is and one for each variant."""
    label = str(script.relative_to(root / "tests").with_suffix(""))
    program = Program(label=label, kind="script", command=[str(script)], directory=str(root))
    variants = []
    for word, argument in directives(script):
        if word == "serial":
            program.serial = True
        elif word == "long":
            program.long = True
        elif word == "timeout":
            program.timeout_s = float(argument)
        elif word == "variant":
            variants.append(argument)
        else:
            raise SystemExit(f"{script}: unknown directive '{word}'")
    return [program] + [variant_of(program, assignment) for assignment in variants]


def variant_of(program: Program, assignment: str) -> Program:
    name, _, value = assignment.partition("=")
    return Program(label=f"{program.label}[{assignment}]", kind=program.kind, command=program.command,
                   directory=program.directory, environment={name: value}, timeout_s=program.timeout_s,
                   serial=program.serial, long=program.long)


def directives(script: Path) -> list[tuple[str, str]]:
    lines = script.read_text("utf-8").splitlines()[:DIRECTIVE_LINES_MAX]
    found = [line[len(DIRECTIVE):].strip() for line in lines if line.startswith(DIRECTIVE)]
    return [(text.partition(" ")[0], text.partition(" ")[2].strip()) for text in found]
