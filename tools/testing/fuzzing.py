"""The fuzz campaign of --long: every libFuzzer executable of build-fuzz, with a fixed seed and a bound on its time.

tests/fuzz declares executables whose names end in _fuzz. For NAME_fuzz, NAME.dict is its dictionary and corpus/NAME/ is
what it starts from, where they exist.
"""

from pathlib import Path

from testing.programs import Program

INPUT_BYTES_MAX = 1 << 20
GRACE_S = 300


def programs(root: Path, build: Path, seconds: int) -> list[Program]:
    return [campaign(root / "tests" / "fuzz", executable, build, seconds)
            for executable in sorted((build / "tests" / "fuzz").glob("*_fuzz"))]


def campaign(sources: Path, executable: Path, build: Path, seconds: int) -> Program:
    name = executable.name.removesuffix("_fuzz")
    findings = build / "fuzz-findings" / name
    findings.mkdir(parents=True, exist_ok=True)
    options = ["-seed=1", f"-max_total_time={seconds}", f"-max_len={INPUT_BYTES_MAX}", "-timeout=10",
               f"-artifact_prefix={findings}/finding-"]
    if (sources / f"{name}.dict").is_file():
        options.append(f"-dict={sources}/{name}.dict")
    corpora = [path for path in (findings, sources / "corpus" / name) if path.is_dir()]
    return Program(label=f"fuzz/{name}", kind="plain", long=True, timeout_s=seconds + GRACE_S,
                   command=[str(executable), *options, *map(str, corpora)], directory=str(build))
