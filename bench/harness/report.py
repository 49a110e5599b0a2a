"""Medians over runs, and the tables that the benchmarks print (Markdown)."""

from dataclasses import asdict, dataclass, field
from statistics import median

from harness.client import Run


@dataclass
class Result:
    """All runs of one workload on one server."""

    server: str
    workload: str
    command: str
    runs: list[Run] = field(default_factory=list)

    @property
    def counted(self) -> list[Run]:
        """The valid runs, or all when there is none."""
        return [run for run in self.runs if run.valid] or self.runs

    @property
    def disturbed(self) -> bool:
        return not any(run.valid for run in self.runs)

    def median(self, name: str) -> float:
        return median(getattr(run, name) for run in self.counted)

    def spread(self, name: str) -> float:
        """(largest - smallest) / median."""
        values = [getattr(run, name) for run in self.counted]
        return (max(values) - min(values)) / median(values) if median(values) else 0.0


def markdown(header: list[str], rows: list[list[str]]) -> str:
    """The first column is text, all others are numbers."""
    lines = ["| " + " | ".join(header) + " |", "|---|" + "---:|" * (len(header) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def figure(value: float) -> str:
    """Three significant digits, whole numbers with separators."""
    if value >= 1000:
        return f"{value:,.0f}"
    for limit, digits in ((100, 0), (10, 1), (1, 2)):
        if value >= limit:
            return f"{value:.{digits}f}"
    return f"{value:.3f}"


def ratio(value: float, reference: float) -> str:
    return f"{value / reference:.2f}" if reference else "–"


def by_workload(results: list[Result]) -> list[list[Result]]:
    """Results of one workload together, in the order of their first appearance."""
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(result.workload, []).append(result)
    return list(groups.values())


def comparison(results: list[Result]) -> str:
    header = ["workload, server", "rps", "p50 ms", "p99 ms", "CPU µs", "rps ratio", "p99 ratio", "CPU ratio", "runs"]
    rows = [comparison_row(result, group[0]) for group in by_workload(results) for result in group]
    note = ("Medians; ratios to the first server; CPU is the server's, user and system, a request. "
            "runs: valid of all; † none was valid, others used more than 5% of a core in each.")
    return markdown(header, rows) + "\n\n" + note


def comparison_row(result: Result, first: Result) -> list[str]:
    valid = sum(run.valid for run in result.runs)
    values = {name: result.median(name) for name in ("rps", "p50_ms", "p99_ms", "cpu_us")}
    ratios = [ratio(values[name], first.median(name)) for name in ("rps", "p99_ms", "cpu_us")]
    mark = " †" if result.disturbed else ""
    return [f"{result.workload}, {result.server}", figure(values["rps"]), f"{values['p50_ms']:.3f}",
            f"{values['p99_ms']:.3f}", figure(values["cpu_us"]), *ratios, f"{valid}/{len(result.runs)}{mark}"]


def to_json(results: list[Result]) -> list[dict]:
    return [asdict(result) for result in results]


def from_json(entries: list[dict]) -> list[Result]:
    return [Result(**{**entry, "runs": [Run(**run) for run in entry["runs"]]}) for entry in entries]
