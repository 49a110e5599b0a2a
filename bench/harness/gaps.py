"""What the machine itself does to a program that never waits: where it is shared, a longest tick means little alone."""

import gc
import os
import time

LIMIT_US = 300


def measure_gaps(core: int, seconds: float = 5.0) -> str:
    """A loop that only reads the clock, alone on the core: how often it stood still for longer than LIMIT_US."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    gc.disable()
    try:
        gaps_us = _gaps_us(seconds)
    finally:
        gc.enable()
        os.sched_setaffinity(0, before)
    longest = max(gaps_us, default=0)
    return (f"A loop that does nothing, for {seconds:.0f} s on the server's core: {len(gaps_us) / seconds:.1f} gaps a "
            f"second of more than {LIMIT_US} µs, the longest {longest:.0f} µs.")


def _gaps_us(seconds: float) -> list[float]:
    gaps = []
    last = time.perf_counter_ns()
    end = last + int(seconds * 1e9)
    while last < end:
        now = time.perf_counter_ns()
        if now - last > LIMIT_US * 1000:
            gaps.append((now - last) / 1000)
        last = now
    return gaps
