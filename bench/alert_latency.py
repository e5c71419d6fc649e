#!/usr/bin/env python3
"""How long it takes from a system call to the line that `gatewatch alerts
--follow` prints: a workload under observation opens files, for each of which
there is a rule.

  bench/alert_latency.py [--alerts N]
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

from costs import BIN, Sidecar, await_quiet, words

# Tells when it makes which call.
OPENER = """
import sys, time
for i in range(int(sys.argv[2])):
    time.sleep(0.02)
    begin = time.time_ns()
    open(f"{sys.argv[1]}/{i:05}", "w").close()
    print(i, begin, flush=True)
"""


def write_rules(path, folder, count):
    with open(path, "w", encoding="utf-8") as file:
        for i in range(count):
            rule = {"rule": f"File {i}", "desc": "opened",
                    "condition": "evt.type in (open, openat) and"
                                 f" fd.name = {folder}/{i:05}",
                    "output": "opened", "priority": "WARNING"}
            file.write(f"- {json.dumps(rule)}\n")


def follow(side, stack, arrived):
    """Notes when the line of each rule comes."""
    follower = subprocess.Popen(
        words([BIN / "gatewatch", "alerts", "--follow", "-o", "json"]),
        stdout=subprocess.PIPE, text=True,
        env=dict(os.environ, GATEWATCH_ANALYZER=side.address))
    stack.callback(follower.wait)
    stack.callback(follower.kill)

    def read():
        for line in follower.stdout:
            now = time.time_ns()
            rule = json.loads(line)["rule"]
            if rule.startswith("File "):
                arrived[int(rule.split()[1])] = now

    threading.Thread(target=read, daemon=True).start()


def measure(count):
    """Milliseconds of each alert that came."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        rules = f"{folder}/rules.yaml"
        write_rules(rules, folder, count)
        os.environ["GATEWATCH_ANALYZER_RULES"] = rules
        side = Sidecar(stack)
        arrived = {}
        follow(side, stack, arrived)
        _, name = side.agent(stack)
        await_quiet()
        made = subprocess.run(
            words([BIN / "gatewatch-launch", "--socket", name, "--",
                   sys.executable, "-c", OPENER, folder, count]),
            stdout=subprocess.PIPE, text=True, check=True).stdout
        deadline = time.monotonic() + 10
        while len(arrived) < count and time.monotonic() < deadline:
            time.sleep(0.05)
    calls = dict(map(int, line.split()) for line in made.splitlines())
    return sorted((arrived[i] - calls[i]) / 1e6 for i in arrived)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=500)
    count = parser.parse_args().alerts
    times = measure(count)
    print(f"{len(times)} of {count} alerts, milliseconds:")
    for name, share in ("median", 0.5), ("p99", 0.99), ("most", 1.0):
        if times:
            value = times[max(0, int(share * len(times)) - 1)]
            print(f"{name:>8} {value:8.1f}")
    return 0 if len(times) == count else 1


if __name__ == "__main__":
    sys.exit(main())
