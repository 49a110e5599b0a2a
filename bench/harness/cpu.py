"""CPU time from /proc, and whether anybody else used the cores that are measured.

A process's utime and stime contain all its threads, also those that have ended, and the kernel's workers of its
io_uring (io-wq, SQPOLL): they are threads of the process. Checked with a ring that read with IOSQE_ASYNC: of 92 ticks
87 were the worker's, and /proc/<pid>/stat showed 92.
"""

import gzip
import os
import time
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
OTHERS_SHARE_MAX = 0.05


def process_cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def resident_bytes(pid: int) -> int:
    """Exact, unlike VmRSS, whose counters lag behind by some pages per thread."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Rss:"):
            return int(line.split()[1]) * 1024
    raise OSError(f"no Rss in smaps_rollup of process {pid}")


@dataclass
class CoreTimes:
    idle_s: float  # with iowait: a core that waits is free
    interrupts_s: float


def core_times(cores: set[int]) -> CoreTimes:
    idle = interrupts = 0
    for line in Path("/proc/stat").read_text().splitlines():
        name, *fields = line.split()
        if name.startswith("cpu") and name[3:].isdigit() and int(name[3:]) in cores:
            idle += int(fields[3]) + int(fields[4])
            interrupts += int(fields[5]) + int(fields[6])
    return CoreTimes(idle / TICKS_PER_S, interrupts / TICKS_PER_S)


def kernel_configuration() -> str:
    """Empty where the kernel's configuration cannot be read."""
    try:
        return gzip.open("/proc/config.gz", "rt").read()
    except OSError:
        pass
    try:
        return Path(f"/boot/config-{os.uname().release}").read_text()
    except OSError:
        return ""


class Interference:
    """Measures what the cores did beyond what the two measured processes account for.

    The time that a core was not idle is exact (the kernel measures idleness, it samples the rest). Where interrupts are
    not part of a process's own time (CONFIG_IRQ_TIME_ACCOUNTING) they are left out: most are our own loopback traffic.
    """

    def __init__(self, cores: set[int]):
        self.cores = cores
        self.separate_interrupts = "CONFIG_IRQ_TIME_ACCOUNTING=y" in kernel_configuration()

    def start(self) -> None:
        self.started = time.monotonic()
        self.before = core_times(self.cores)

    def others_share(self, own_cpu_s: float) -> float:
        """Of one core, since start(); own_cpu_s is what server and client used together."""
        elapsed = time.monotonic() - self.started
        after = core_times(self.cores)
        busy = elapsed * len(self.cores) - (after.idle_s - self.before.idle_s)
        if self.separate_interrupts:
            busy -= after.interrupts_s - self.before.interrupts_s
        return max(0.0, (busy - own_cpu_s) / elapsed)
