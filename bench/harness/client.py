"""One run of redis-benchmark against one server, with everything that is measured around it."""

import csv
import os
import subprocess
from dataclasses import dataclass

from harness.cpu import OTHERS_SHARE_MAX, Interference
from harness.servers import Server
from harness.workloads import Workload


@dataclass
class Run:
    rps: float
    p50_ms: float
    p99_ms: float
    cpu_us: float  # of the server, a request
    others_share: float  # of one core

    @property
    def valid(self) -> bool:
        return self.others_share <= OTHERS_SHARE_MAX


def parse_csv(text: str) -> tuple[float, float, float]:
    """rps, p50 and p99 in milliseconds from the last line of redis-benchmark --csv."""
    rows = [row for row in csv.reader(text.splitlines()) if len(row) >= 8]
    if len(rows) < 2:
        raise SystemExit(f"redis-benchmark printed no result:\n{text[-2000:]}")
    names, values = rows[0], dict(zip(rows[0], rows[-1]))
    if "rps" not in names:
        raise SystemExit(f"redis-benchmark prints no header (is it older than 6.2?):\n{text[-2000:]}")
    return float(values["rps"]), float(values["p50_latency_ms"]), float(values["p99_latency_ms"])


def run_client(command: list[str]) -> tuple[str, float]:
    """Output and CPU seconds. redis-benchmark ends at the first error reply, so that no error is taken for speed."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as child:
        output = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{output[-2000:]}")
    return output, usage.ru_utime + usage.ru_stime


def measure(server: Server, workload: Workload, client: str, client_core: int, requests: int) -> Run:
    """The server must not be paused."""
    command = workload.command(client, client_core, server.port, requests)
    interference = Interference({server.core, client_core})
    interference.start()
    cpu_before = server.cpu_s()
    output, client_cpu_s = run_client(command)
    cpu_s = server.cpu_s() - cpu_before
    others = interference.others_share(cpu_s + client_cpu_s)
    rps, p50_ms, p99_ms = parse_csv(output)
    return Run(rps, p50_ms, p99_ms, cpu_s * 1e6 / requests, others)
