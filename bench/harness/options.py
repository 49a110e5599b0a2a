"""The part of the command line that all benchmarks have in common, and what it means for this process."""

import argparse
import os
import platform
import resource
import signal
import sys
from pathlib import Path

from harness.servers import ServerSpec, specs

ROOT = Path(__file__).resolve().parents[2]


def parse_cores(text: str) -> tuple[int, int]:
    server, client = (int(part) for part in text.split(","))
    if not {server, client} <= os.sched_getaffinity(0):
        raise ValueError("no such core")
    return server, client


def default_cores() -> tuple[int, int]:
    available = sorted(os.sched_getaffinity(0))
    return available[0], available[-1]


def add_server_options(parser: argparse.ArgumentParser) -> None:
    """What all benchmarks have in common."""
    parser.add_argument("--redis", default="redis-server", metavar="PATH", help="'' leaves it out")
    parser.add_argument("--torc", default=str(ROOT / "build" / "torc-server"), metavar="PATH", help="'' leaves it out")
    parser.add_argument("--server", action="append", default=[], metavar="NAME='COMMAND --port {port}'",
                        help="another server, between the two; {directory} is a scratch directory")
    parser.add_argument("--cores", type=parse_cores, default=default_cores(), metavar="SERVER,CLIENT")


def prepare(options: argparse.Namespace) -> list[ServerSpec]:
    """The servers to measure; from here on a SIGTERM ends them, too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    raise_descriptor_limit()
    servers = specs(options.redis, options.torc, options.server)
    if not servers:
        raise SystemExit("no server to measure")
    return servers


def raise_descriptor_limit() -> None:
    """For runs with thousands of connections."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def machine() -> str:
    model = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    release = ".".join(platform.release().split(".")[:2])
    return f"{os.cpu_count()} × {model}, Linux {release}"
