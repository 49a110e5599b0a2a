"""bench/compare: the same redis-benchmark workloads against several servers in turn.

Workloads over one data set share one start and one prefill of every server. Rounds are interleaved (workload by
workload, server by server), so that a slow minute of the machine meets everybody; a server that is not measured stands
still. A run that others disturbed is repeated, a few times at most.
"""

import argparse
import json
import shlex
import sys
from contextlib import ExitStack
from pathlib import Path

from harness import chart, report, workloads
from harness.client import Run, measure
from harness.options import add_server_options, machine, prepare
from harness.report import Result
from harness.servers import Server, ServerSpec
from harness.workloads import DataSet, Workload


class Comparison:
    def __init__(self, options: argparse.Namespace, servers: list[ServerSpec]):
        self.options = options
        self.servers = servers
        self.server_core, self.client_core = options.cores

    def run(self, wanted: list[Workload]) -> list[Result]:
        results = []
        for data in dict.fromkeys(workload.test.data for workload in wanted):
            results += self.run_data_set(data, [workload for workload in wanted if workload.test.data == data])
        order = [workload.title for workload in wanted]
        return sorted(results, key=lambda result: order.index(result.workload))

    def run_data_set(self, data: DataSet, wanted: list[Workload]) -> list[Result]:
        with ExitStack() as stack:
            running = [stack.enter_context(Server(spec, self.server_core)) for spec in self.servers]
            for server in running:
                print(f"{server.spec.name}: `{shlex.join(server.command())}`", flush=True)
            for server in running:
                with server.connect() as connection:
                    data.fill(connection)
                server.pause()
            print(f"prefill: {data.describe()}\n", flush=True)
            return self.run_rounds(running, wanted)

    def run_rounds(self, running: list[Server], wanted: list[Workload]) -> list[Result]:
        counts = {workload: self.count_requests(running[0], workload) for workload in wanted}
        results = {(workload, server): self.empty_result(workload, server, counts[workload])
                   for workload in wanted for server in running}
        for workload in wanted:
            print(f"{workload.title}: `{results[workload, running[0]].command}`")
        for number in range(self.options.rounds):
            for workload in wanted:
                for server in running:
                    result = results[workload, server]
                    self.one_round(result, server, workload, counts[workload])
                    self.progress(f"round {number + 1}/{self.options.rounds}", result)
        print(flush=True)
        return list(results.values())

    def empty_result(self, workload: Workload, server: Server, requests: int) -> Result:
        command = workload.command(self.options.redis_benchmark, self.client_core, "PORT", requests)
        return Result(server.spec.name, workload.title, shlex.join(command))

    def count_requests(self, first: Server, workload: Workload) -> int:
        """As many as keep the first server busy for --seconds, to two digits; the same for all servers."""
        trial = self.once(first, workload, workload.trial_requests)
        wanted = int(trial.rps * self.options.seconds)
        digits = 10 ** max(0, len(str(wanted)) - 2)
        least = workload.connections * workload.depth
        return min(max(least, wanted // digits * digits), workload.test.requests_max)

    def once(self, server: Server, workload: Workload, requests: int) -> Run:
        server.resume()
        try:
            with server.connect() as connection:
                workload.test.data.refill(connection)
            return measure(server, workload, self.options.redis_benchmark, self.client_core, requests)
        finally:
            server.pause()

    def one_round(self, result: Result, server: Server, workload: Workload, requests: int) -> None:
        for _ in range(1 + self.options.repeats):
            result.runs.append(self.once(server, workload, requests))
            if result.runs[-1].valid:
                return

    def progress(self, where: str, result: Result) -> None:
        run = result.runs[-1]
        print(f"{where} {result.workload} {result.server}: {run.rps:,.0f} rps, {report.figure(run.cpu_us)} µs, "
              f"others {run.others_share:.1%}", file=sys.stderr, flush=True)


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/compare", description="Compares servers with redis-benchmark.")
    add_server_options(parser)
    parser.add_argument("workloads", nargs="*", default=workloads.DEFAULTS, metavar="WORKLOAD",
                        help=f"NAME[-cCONNECTIONS][@DEPTH] with NAME of {', '.join(workloads.TESTS)} "
                             f"(default: {' '.join(workloads.DEFAULTS)})")
    parser.add_argument("--command", action="append", default=[], metavar="TEXT",
                        help="also this command, with __rand_int__ where redis-benchmark shall put a number")
    parser.add_argument("-P", type=int, default=16, dest="depth", help="depth of --command (default 16)")
    parser.add_argument("-c", type=int, default=50, dest="connections", help="connections of --command (default 50)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=3, help="of a disturbed run, at most (default 3)")
    parser.add_argument("--seconds", type=float, default=3, help="length of a run on the first server (default 3)")
    parser.add_argument("--redis-benchmark", default="redis-benchmark", metavar="PATH")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all runs")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw the chart")
    parser.add_argument("--from-json", type=Path, metavar="FILE", help="run nothing, show an earlier --json")
    return parser.parse_args(arguments)


def run_or_load(options: argparse.Namespace) -> dict:
    if options.from_json:
        return json.loads(options.from_json.read_text("utf-8"))
    wanted = [workloads.parse(text) for text in options.workloads]
    wanted += [workloads.parse_custom(text, options.connections, options.depth) for text in options.command]
    results = Comparison(options, prepare(options)).run(list(dict.fromkeys(wanted)))
    return {"machine": machine(), "results": report.to_json(results)}


def main(arguments: list[str]) -> int:
    options = parse_arguments(arguments)
    try:
        measured = run_or_load(options)
    except ValueError as error:
        raise SystemExit(f"bench/compare: {error}") from error
    results = report.from_json(measured["results"])
    print(report.comparison(results))
    print(f"\n{measured['machine']}; one core for the server, one for redis-benchmark.")
    if options.json:
        options.json.write_text(json.dumps(measured, indent=1) + "\n", "utf-8")
    if options.svg:
        options.svg.write_text(chart.draw(results, measured["machine"]), "utf-8")
    return 0
