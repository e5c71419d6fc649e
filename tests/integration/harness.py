"""Runs the real binaries as a user would, each test in a folder of its own."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

BIN = pathlib.Path(os.environ["GATEWATCH_BIN"])
SOURCE = pathlib.Path(os.environ["GATEWATCH_SOURCE"])
PATIENCE = 90.0  # seconds for anything that should happen at once


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, condition, patience=PATIENCE):
    """The first true value of condition(); fails the test at the deadline."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"not in {patience} s: {what}")


def children(pid):
    listed = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in listed.split()]


def program(pid):
    try:
        return pathlib.Path(os.readlink(f"/proc/{pid}/exe")).name
    except OSError:
        return ""


class GatewatchTest(unittest.TestCase):
    """An analyzer, an agent, and what is asked of them."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="gatewatch-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.address = f"127.0.0.1:{free_port()}"
        self.socket = f"gatewatch-test-{os.getpid()}-{self.folder.name}"
        self.logs = {}

    def start(self, name, *command):
        log = open(self.folder / f"{name}.log", "ab")
        self.addCleanup(log.close)
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.addCleanup(self.stop, process)
        return process

    def stop(self, process, sent=signal.SIGTERM):
        if process.poll() is None:
            process.send_signal(sent)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        return process.returncode

    def log_of(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def start_analyzer(self, *more):
        analyzer = self.start(
            "analyzer", BIN / "gatewatch-analyzer", "--listen", self.address,
            "--store", self.folder / "store", *more)
        wait_for("the analyzer answers",
                 lambda: self.gatewatch("agents").returncode in (0, 1))
        return analyzer

    def start_agent(self, *more):
        agent = self.start(
            "agent", BIN / "gatewatch-agent", "--analyzer", self.address,
            "--launch-socket", self.socket, "--no-inventory",
            "--no-supervisor", *more)
        wait_for("the agent listens for launchers", self.agent_listens)
        return agent

    def start_supervised(self, *more):
        supervisor = self.start(
            "agent", BIN / "gatewatch-agent", "--analyzer", self.address,
            "--launch-socket", self.socket, "--no-inventory", *more)
        wait_for("the agent listens for launchers", self.agent_listens)
        return supervisor

    def worker(self, supervisor):
        found = [child for child in children(supervisor.pid)
                 if program(child) == "gatewatch-agent"]
        return found[0] if found else None

    def agent_listens(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as probe:
            try:
                probe.connect("\0" + self.socket)
            except ConnectionRefusedError:
                return False
            return True

    def launched(self, *command):
        """A command line that runs `command` under observation."""
        return [BIN / "gatewatch-launch", "--socket", self.socket, "--",
                *command]

    def run_launched(self, *command, **options):
        return subprocess.run([str(c) if not isinstance(c, bytes) else c
                               for c in self.launched(*command)],
                              capture_output=True, timeout=300, **options)

    def gatewatch(self, *arguments, **options):
        environment = dict(os.environ, GATEWATCH_ANALYZER=self.address)
        return subprocess.run(
            [str(BIN / "gatewatch"), *map(str, arguments)],
            capture_output=True, text=True, timeout=120, env=environment,
            **options)

    def events(self, where, *more):
        answer = self.gatewatch("events", "--since", "1h", "-o", "json",
                                "--where", where, *more)
        self.assertIn(answer.returncode, (0, 1), answer.stderr)
        return [json.loads(line) for line in answer.stdout.splitlines()]

    def alerts(self, *more):
        answer = self.gatewatch("alerts", "--since", "1h", "-o", "json", *more)
        return [json.loads(line) for line in answer.stdout.splitlines()]

    def agents(self):
        answer = self.gatewatch("agents", "-o", "json")
        return [json.loads(line) for line in answer.stdout.splitlines()]


@contextlib.contextmanager
def running(process):
    try:
        yield process
    finally:
        process.kill()
        process.wait()
