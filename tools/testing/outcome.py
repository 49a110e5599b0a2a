"""What came out of one test program: how many cases passed, which failed and why, which were skipped."""

from dataclasses import dataclass, field


@dataclass
class Failure:
    case: str
    message: str
    count: int = 1  # how many cases it stands for (those that a crash kept from running)

    @property
    def detailed(self) -> bool:
        """Whether the message says all (an assertion's text does, an exit status does not)."""
        return "\n" in self.message


@dataclass
class Outcome:
    passed: int = 0
    failures: list[Failure] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)  # "case: reason"
    seconds: float = 0.0
    output: str = ""

    @property
    def failed(self) -> int:
        return sum(failure.count for failure in self.failures)

    def fail(self, case: str, message: str, count: int = 1) -> None:
        if count > 0:
            self.failures.append(Failure(case, message, count))
