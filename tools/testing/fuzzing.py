"""The fuzz campaign of --long: every libFuzzer executable of build-fuzz, with a fixed seed and a bound on its time.

tests/fuzz declares executables whose names end in _fuzz; tests/fuzz/corpus/<name>/ holds what each starts from.
"""

from pathlib import Path

from testing.programs import Program

INPUT_BYTES_MAX = 1 << 20
GRACE_S = 300


def programs(root: Path, build: Path, seconds: int) -> list[Program]:
    found = []
    for executable in sorted((build / "tests" / "fuzz").glob("*_fuzz")):
        scratch = build / "fuzz-findings" / executable.name
        scratch.mkdir(parents=True, exist_ok=True)
        corpora = [str(scratch)]
        seeds = root / "tests" / "fuzz" / "corpus" / executable.name
        if seeds.is_dir():
            corpora.append(str(seeds))
        options = ["-seed=1", f"-max_total_time={seconds}", f"-max_len={INPUT_BYTES_MAX}", "-timeout=10",
                   f"-artifact_prefix={scratch}/finding-"]
        found.append(Program(label=f"fuzz/{executable.name}", kind="plain", long=True, timeout_s=seconds + GRACE_S,
                             command=[str(executable), *options, *corpora], directory=str(build)))
    return found
