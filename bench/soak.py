#!/usr/bin/env python3
"""Whether the agent's memory stays what it is, under a load of new processes
and files: prints the resident memory of each part every ten seconds, and at
the end by how much it grew in the second half. Exit status 1: by more than a
twentieth.

  bench/soak.py [--minutes N] [--opens N] [--execs N]
"""

import argparse
import contextlib
import statistics
import subprocess
import sys
import time

from costs import BIN, Sidecar, resident_mb, words

INTERVAL = 10.0
GROWTH_LIMIT = 0.05


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--opens", type=int, default=2_000,
                        help="a second")
    parser.add_argument("--execs", type=int, default=200, help="a second")
    return parser.parse_args()


def watch(processes, minutes):
    """Rows of resident megabytes, one a process."""
    rows = []
    print("seconds", *processes, sep="\t")
    begin = time.monotonic()
    while time.monotonic() - begin < 60 * minutes:
        time.sleep(INTERVAL)
        rows.append([resident_mb(pid) for pid in processes.values()])
        print(f"{time.monotonic() - begin:.0f}",
              *(f"{value:.1f}" for value in rows[-1]), sep="\t", flush=True)
    return rows


def growth(values):
    """Of the last quarter over the third: what warms up is over by then."""
    quarter = max(1, len(values) // 4)
    before = statistics.median(values[-2 * quarter:-quarter] or values[:1])
    return statistics.median(values[-quarter:]) / before - 1


def main():
    options = parse_options()
    with contextlib.ExitStack() as stack:
        side = Sidecar(stack)
        agent, name = side.agent(stack)
        workload = subprocess.Popen(
            words([BIN / "gatewatch-launch", "--socket", name, "--",
                   BIN / "checked_load", options.opens, options.execs]),
            stdout=subprocess.PIPE, text=True)
        stack.callback(workload.kill)
        rows = watch({"agent": agent.pid, "analyzer": side.analyzer.pid},
                     options.minutes)
        workload.terminate()
        print(workload.communicate(timeout=60)[0].strip())
    grew = growth([row[0] for row in rows])
    print(f"the agent grew by {100 * grew:.1f} %")
    return 0 if grew < GROWTH_LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
