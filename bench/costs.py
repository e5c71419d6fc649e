#!/usr/bin/env python3
"""What observation costs, as ratios: prints the tables of docs/benchmarks.md.

Everything is compared within one round, and the median of the rounds is
given, since the machine may be busy with other things; each measurement
waits a moment for quiet. A sidecar's view: agent and analyzer run all along.

  bench/costs.py [--rounds N] [calls] [programs] [agent]
"""

import argparse
import contextlib
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parent.parent
BIN = SOURCE / "build/release/bin"
OLD_KERNEL = {"LD_PRELOAD": str(BIN.parent / "bench/libno_sync_wake_up.so")}
SUSTAINED, BURST = 10_000, 1_000  # calls a run of open_loop, which makes ten
FILES = 20_000
PINNED = ["taskset", "-c", "0"]


def words(command):
    return [str(word) for word in command]


def output(command, **options):
    return subprocess.run(words(command), stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.DEVNULL, check=True,
                          timeout=600, **options).stdout


def wait_until(condition, patience=20.0, pause=0.005):
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            sys.exit("bench: what was waited for did not come")
        time.sleep(pause)


def idle_share(seconds=0.1):
    def read():
        fields = pathlib.Path("/proc/stat").read_text().splitlines()[0].split()
        ticks = [int(field) for field in fields[1:]]
        return ticks[3] + ticks[4], sum(ticks)
    idle, total = read()
    time.sleep(seconds)
    idle_later, total_later = read()
    return (idle_later - idle) / max(1, total_later - total)


def await_quiet(patience=20.0):
    deadline = time.monotonic() + patience
    while idle_share() < 0.9 and time.monotonic() < deadline:
        pass


def status_of(pid):
    return pathlib.Path(f"/proc/{pid}/status").read_text()


def resident_mb(pid):
    line = next(line for line in status_of(pid).splitlines()
                if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def cpu_seconds(pid):
    """Of its threads that are there now, exactly."""
    return sum(int(file.read_text().split()[0]) for file in
               pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


class Sidecar:
    """An analyzer, and agents that come and go."""

    def __init__(self, stack, prefix=()):
        self.prefix = list(prefix)
        self.folder = tempfile.mkdtemp(prefix="gatewatch-bench-")
        stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.address = f"unix:{self.folder}/analyzer.sock"
        self.analyzer = self.start(
            stack, [BIN / "gatewatch-analyzer", "--listen", self.address,
                    "--store", f"{self.folder}/store"])
        wait_until(lambda: os.path.exists(f"{self.folder}/analyzer.sock"))
        self.agents = 0

    def start(self, stack, command, **environment):
        process = subprocess.Popen(
            words(self.prefix + command), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env=dict(os.environ, **environment))
        stack.callback(process.wait)
        stack.callback(process.terminate)
        return process

    def agent(self, stack, *options, **environment):
        """A fresh agent; its process, and the socket for launchers."""
        self.agents += 1
        name = f"{self.folder}-{self.agents}"
        # Not supervised: the process that is measured is the one started. No
        # budget and no limits: the cost of everything is what is asked for.
        agent = self.start(
            stack, [BIN / "gatewatch-agent", "--no-supervisor",
                    "--no-inventory", "--analyzer", self.address,
                    "--launch-socket", name, "--cpu-budget", "0",
                    "--rate-limit", "off", *options],
            **environment)
        wait_until(lambda: self.listens(name))
        return agent, name

    @staticmethod
    def listens(name):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as probe:
            try:
                probe.connect("\0" + name)
            except ConnectionRefusedError:
                return False
            return True

    def launched(self, command, **environment):
        with contextlib.ExitStack() as stack:
            _, name = self.agent(stack, **environment)
            await_quiet()
            return output(self.prefix + [BIN / "gatewatch-launch", "--socket",
                                         name, "--", *command])

    def attached(self, command):
        """A command that is attached to before it begins."""
        process = subprocess.Popen(
            words(self.prefix + [BIN / "when_observed", *command]),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        with contextlib.ExitStack() as stack:
            self.agent(stack, "--attach-pid", process.pid)
            return process.communicate(timeout=600)[0]


def bare(command, prefix=()):
    await_quiet()
    return output([*prefix, *command])


# Calls.

def call_rows(side, prefix):
    """What runs a command; every row of one round, by name."""
    prefix = list(prefix)
    strace = ["strace", "-f", "--seccomp-bpf", "-e", "trace=openat", "-o",
              "/dev/null"]
    return {
        "strace --seccomp-bpf": lambda c: bare(c, prefix + strace),
        "notification, looking at nothing":
            lambda c: bare(c, prefix + [BIN / "plain_notify_loop"]),
        "launch": side.launched,
        "attach": side.attached,
        "launch, without SYNC_WAKE_UP":
            lambda c: side.launched(c, **OLD_KERNEL),
        "ptrace": lambda c: bare(c, prefix + [BIN / "observe_with", "ptrace"]),
        "ebpf": lambda c: bare(c, prefix + [BIN / "observe_with", "ebpf"]),
    }


def measure_calls(rounds):
    loop = [BIN / "open_loop", SUSTAINED]
    many = [BIN / "open_loop", FILES, FILES]
    added = {}  # (where, row): a list of (nanoseconds, share of strace)
    for number in range(rounds):
        print(f"calls, round {number + 1} of {rounds}", file=sys.stderr)
        for where, prefix in (("free", []), ("pinned", PINNED)):
            with contextlib.ExitStack() as stack:
                measure_calls_at(Sidecar(stack, prefix), where, prefix, loop,
                                 many, added)
    print(f"\n{'':7}{'one open and close':44}{'added ns':>9}{'of strace':>11}")
    for (where, row), values in added.items():
        print(f"{where:7}{row:44}{median_of(values, 0):9.0f}"
              f"{median_of(values, 1):11.3f}")


def median_of(values, index):
    return statistics.median(value[index] for value in values)


def measure_calls_at(side, where, prefix, loop, many, added):
    alone = float(bare(loop, prefix))
    rows = call_rows(side, prefix)
    took = {row: float(run(loop)) - alone for row, run in rows.items()}
    burst = [BIN / "open_loop", BURST]
    took["launch, without SYNC_WAKE_UP, a burst"] = float(
        rows["launch, without SYNC_WAKE_UP"](burst)) - alone
    alone_many = float(bare(many, prefix))
    took["launch, 20,000 different files"] = (
        float(side.launched(many)) - alone_many)
    for row, nanoseconds in took.items():
        added.setdefault((where, row), []).append(
            (nanoseconds, nanoseconds / took["strace --seccomp-bpf"]))
    call = [BIN / "unobserved_loop", 300_000]
    unobserved = float(side.launched(call)) - float(bare(call, prefix))
    added.setdefault((where, "an unobserved call, launch"), []).append(
        (unobserved, unobserved / took["strace --seccomp-bpf"]))


# Programs.

def seconds_of(run, command):
    timed = ["/bin/bash", "-c", "TIMEFORMAT=%3R; { time \"$@\" >/dev/null "
             "2>/dev/null; } 2>&1", "bash", *command]
    return float(run(timed))


C_FUNCTION = """
int NAME(const char *text, int *values, int count) {
  char line[64];
  int total = 0;
  for (int i = 0; i < count; ++i) {
    if (values[i] % NUMBER == 0 && text[i] != 0) {
      snprintf(line, sizeof line, "%s:%d", text, values[i]);
      total += (int)strlen(line);
    } else {
      values[i] = values[i] * NUMBER + i;
    }
  }
  return total;
}
"""


def make_c_project(folder):
    """Sixty files of a thousand lines, as those of a server are."""
    folder = pathlib.Path(folder)
    headers = "".join(f"#include <{name}.h>\n" for name in (
        "stdio", "stdlib", "string", "unistd", "errno", "fcntl", "signal",
        "sys/stat", "sys/socket", "netinet/in", "pthread", "math", "time"))
    for number in range(60):
        body = "".join(C_FUNCTION.replace("NAME", f"f{number}_{i}").replace(
            "NUMBER", str(i + 1)) for i in range(90))
        (folder / f"f{number}.c").write_text(headers + body)
    names = " ".join(f"f{number}.o" for number in range(60))
    (folder / "Makefile").write_text(
        f"all: liball.a\nliball.a: {names}\n\t$(AR) rc $@ $^\n"
        "%.o: %.c\n\t$(CC) -O2 -g -Wall -c -o $@ $<\n"
        "clean:\n\trm -f *.o liball.a\n")
    return folder


def measure_compile(side, stack):
    folder = tempfile.mkdtemp(prefix="gatewatch-compile-", dir="/dev/shm")
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    make_c_project(folder)

    def build(run):
        output(["make", "-C", folder, "clean"])
        return seconds_of(run, ["make", "-j2", "-C", folder])
    return lambda: build(side.attached) / build(bare)


def start_server(stack, command, port):
    process = subprocess.Popen(words(command), stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    stack.callback(process.wait)
    stack.callback(process.terminate)

    def answers():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0
    wait_until(answers)
    return process


def attach_to(side, stack, process):
    side.agent(stack, "--attach-pid", process.pid)
    wait_until(lambda: "Seccomp:\t2" in status_of(process.pid))


def measure_redis(side, stack):
    def start(port):
        return start_server(
            stack, ["redis-server", "--port", port, "--save", "",
                    "--appendonly", "no"], port)

    def rate(port):
        await_quiet()
        lines = output(["redis-benchmark", "-p", port, "-t", "set,get", "-n",
                        100_000, "-c", 50, "--csv"]).splitlines()
        return sum(float(line.split(",")[1].strip('"')) for line in lines
                   if line.startswith(('"SET"', '"GET"')))
    start(16379)
    attach_to(side, stack, start(16380))
    return lambda: rate(16380) / rate(16379)


NGINX = """daemon off; worker_processes 1; pid {folder}/{port}.pid;
error_log /dev/null; events {{}}
http {{ access_log off; server {{ listen 127.0.0.1:{port};
location / {{ root {folder}/files; }} }} }}
"""
RANDOM_FILES = """request = function()
  return wrk.format("GET", "/" .. math.random(0, 999)) end
"""


def measure_nginx(side, stack):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="gatewatch-nginx-"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    (folder / "files").mkdir()
    for number in range(1000):
        (folder / "files" / str(number)).write_text("x" * 1024)
    (folder / "random.lua").write_text(RANDOM_FILES)

    def start(port):
        configuration = folder / f"{port}.conf"
        configuration.write_text(NGINX.format(folder=folder, port=port))
        return start_server(stack, ["nginx", "-c", configuration], port)

    def rate(port):
        await_quiet()
        told = output(["wrk", "-t1", "-c16", "-d3s", "-s",
                       folder / "random.lua", f"http://127.0.0.1:{port}/"])
        return float(told.partition("Requests/sec:")[2].split()[0])
    start(18080)
    attach_to(side, stack, start(18081))
    return lambda: rate(18081) / rate(18080)


def measure_programs(rounds):
    with contextlib.ExitStack() as stack:
        side = Sidecar(stack)
        programs = {
            "compile, make -j2: time": measure_compile(side, stack),
            "redis-benchmark: requests": measure_redis(side, stack),
            "nginx and wrk, small files: requests":
                measure_nginx(side, stack)}
        ratios = {name: [] for name in programs}
        for number in range(rounds):
            print(f"programs, round {number + 1} of {rounds}", file=sys.stderr)
            for name, ratio in programs.items():
                ratios[name].append(ratio())
    print(f"\n{'attached':44}{'of bare':>9}")
    for name, values in ratios.items():
        print(f"{name:44}{statistics.median(values):9.3f}"
              f"   ({min(values):.3f} to {max(values):.3f})")


# The agent itself.

def measure_agent_for(side, stack, command, seconds):
    agent, name = side.agent(stack)
    workload = subprocess.Popen(
        words([BIN / "gatewatch-launch", "--socket", name, "--", *command]),
        stdout=subprocess.PIPE, text=True)
    stack.callback(workload.kill)
    time.sleep(5)
    before = cpu_seconds(agent.pid)
    time.sleep(seconds)
    used = (cpu_seconds(agent.pid) - before) / seconds
    return resident_mb(agent.pid), used, workload


def measure_agent():
    print(f"\n{'the agent':44}{'RSS MB':>9}{'of a CPU':>11}")
    with contextlib.ExitStack() as stack:
        resident, used, _ = measure_agent_for(Sidecar(stack), stack,
                                              ["sleep", 100], 20)
        print(f"{'at rest':44}{resident:9.1f}{used:11.4f}")
    with contextlib.ExitStack() as stack:
        resident, used, workload = measure_agent_for(
            Sidecar(stack), stack, [BIN / "paced_opens", 20_000, 25], 15)
        reached = float(workload.communicate(timeout=60)[0])
        print(f"{f'at {reached:,.0f} events a second':44}{resident:9.1f}"
              f"{used:11.4f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("parts", nargs="*", metavar="PART",
                        help="calls, programs, agent (default: all)")
    options = parser.parse_args()
    parts = options.parts or ["calls", "programs", "agent"]
    if "calls" in parts:
        measure_calls(options.rounds)
    if "programs" in parts:
        measure_programs(options.rounds)
    if "agent" in parts:
        measure_agent()


if __name__ == "__main__":
    main()
