"""Whatever happens to Gatewatch, no call of the workload fails or stalls.

The workload checks every call it makes and times it. It is run attached and
launched. A busy machine stalls a program by itself: how long, an unobserved one
says that makes the same calls at the same time, at a lower rate.
"""

import os
import pathlib
import re
import resource
import signal
import subprocess
import time
import unittest

from harness import BIN, PATIENCE, GatewatchTest, wait_for

OPENS, EXECS = 20_000, 500  # a second, as far as the machine keeps up
BESIDE = 1_000, 50  # the same of the unobserved one
LONGEST_STALL_MS = 1000.0
UNHURRIED = 1.0  # seconds that a workload goes on without what was taken away
# What an agent keeps while the analyzer is away, few seconds' worth: it has
# no disk to spool to, so that a full one is the analyzer's alone.
SMALL_BUFFER = ("--buffer-size", "256KiB")


def load(*more):
    return [BIN / "checked_load", OPENS, EXECS, *more]


def summary(output):
    last = output.strip().splitlines()[-1]
    return {name: float(value)
            for name, value in re.findall(r"(\w+)=([\d.]+)", last)}


def under_filter(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return "Seccomp:\t2" in status


class Scenarios:
    """What may happen; how the workload came under observation differs."""

    def setUp(self):
        super().setUp()
        self.workload = None
        self.unobserved = self.start_load([BIN / "checked_load", *BESIDE])

    def start_load(self, command):
        started = subprocess.Popen(
            [str(part) for part in command], stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.kill_load, started)
        return started

    def kill_load(self, started):
        if started.poll() is None:
            started.kill()
            started.communicate()

    def start_workload(self, command):
        self.workload = self.start_load(command)

    def await_observation(self):
        """Until events reach the analyzer that were made from now on."""
        began = time.time_ns()
        wait_for("events of the workload", lambda: any(
            int(agent.get("last_event_ns", 0)) > began
            for agent in self.agents()))

    def work_on(self, seconds=UNHURRIED):
        time.sleep(seconds)
        self.assertIsNone(self.workload.poll(), "the workload ended")

    def end_workload(self):
        """The workload's summary. Of what it printed, failures come first."""
        output = self.end_load(self.workload)
        result = summary(output)
        print(f"{self.id()}: {output.strip()}")
        self.assertGreater(result["calls"], 1000)
        return result, output

    def end_load(self, started):
        started.send_signal(signal.SIGTERM)
        return started.communicate(timeout=PATIENCE)[0]

    def expect_unharmed(self):
        self.work_on()
        result, output = self.end_workload()
        self.assertEqual(result["failed"], 0, output)
        self.assertEqual(self.workload.returncode, 0, output)
        beside = summary(self.end_load(self.unobserved))
        self.assertEqual(beside["failed"], 0)
        self.assertLess(result["longest_stall_ms"],
                        LONGEST_STALL_MS + beside["longest_stall_ms"], output)

    def expect_reported(self, *reasons):
        def found():
            events = self.events("evt.kind=agent", "--kind", "agent")
            return set(reasons) <= {e["event"]["loss"]["reason"]
                                    for e in events if "loss" in e["event"]}
        wait_for(f"the gap is reported as {reasons}", found)

    def keepers(self):
        """Those of this test's workload: its socket's name is in all."""
        found = []
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                name = (folder / "comm").read_text().strip()
                line = (folder / "cmdline").read_text()
            except OSError:
                continue
            if name == "gatewatch-keep" and self.socket in line:
                found.append(int(folder.name))
        return found

    def replaced(self, supervisor, before):
        return wait_for("another agent", lambda: self.worker(supervisor)
                        not in (None, before))

    # The scenarios.

    def test_the_agent_is_killed(self):
        self.start_analyzer()
        supervisor = self.begin()
        before = self.worker(supervisor)
        os.kill(before, signal.SIGKILL)
        self.replaced(supervisor, before)
        self.await_observation()
        self.expect_unharmed()
        self.expect_reported("REASON_AGENT_ABSENT", "REASON_AGENT_DIED")

    def test_the_agent_is_stopped_for_a_while(self):
        self.start_analyzer()
        supervisor = self.begin()
        worker = self.worker(supervisor)
        os.kill(worker, signal.SIGSTOP)
        self.work_on()
        os.kill(worker, signal.SIGCONT)
        self.await_observation()
        self.expect_unharmed()
        self.expect_reported("REASON_AGENT_ABSENT")

    def test_the_agent_is_killed_and_started_ten_times(self):
        # By hand: the supervisor's growing pause would make a minute of it.
        self.start_analyzer()
        agent = self.begin("--no-supervisor")
        for _ in range(10):
            agent.kill()
            agent.wait()
            agent = self.start_worker_alone()
            self.work_on(0.1)
        self.await_observation()
        self.expect_unharmed()
        self.expect_reported("REASON_AGENT_ABSENT", "REASON_AGENT_DIED")

    def test_the_agent_runs_out_of_memory(self):
        analyzer = self.start_analyzer()
        supervisor = self.begin()
        before = self.worker(supervisor)
        # Nothing more is to be had, and with nobody to take its events it
        # needs more soon.
        analyzer.send_signal(signal.SIGSTOP)
        resource.prlimit(before, resource.RLIMIT_DATA, (0, 0))
        self.replaced(supervisor, before)
        analyzer.send_signal(signal.SIGCONT)
        self.await_observation()
        self.expect_unharmed()
        self.expect_reported("REASON_AGENT_ABSENT", "REASON_AGENT_DIED")

    def test_the_analyzers_disk_is_full(self):
        store = self.folder / "store"
        store.mkdir()
        self.mount_memory(store, "1m")
        self.start_analyzer()
        self.begin(*SMALL_BUFFER)
        wait_for("the disk is full", lambda: os.statvfs(store).f_bavail < 8)
        self.expect_unharmed()
        self.mount_memory(store, "256m", "remount,")
        self.expect_reported("REASON_BUFFER_FULL")

    def test_the_analyzer_is_killed_and_comes_back(self):
        analyzer = self.start_analyzer()
        self.begin(*SMALL_BUFFER)
        analyzer.kill()
        analyzer.wait()
        self.work_on(2 * UNHURRIED)
        self.start_analyzer()
        self.await_observation()
        self.expect_unharmed()
        self.expect_reported("REASON_BUFFER_FULL")

    def test_the_sidecar_is_ended_before_the_workload(self):
        self.start_analyzer()
        supervisor = self.begin()
        supervisor.send_signal(signal.SIGTERM)
        self.assertEqual(supervisor.wait(PATIENCE), 0)
        self.work_on()  # unobserved
        self.start_supervised()
        self.await_observation()
        self.expect_unharmed()
        self.expect_reported("REASON_AGENT_ABSENT")

    def test_the_keeper_is_killed_beside_an_agent(self):
        self.start_analyzer()
        self.begin()
        before = self.keepers()
        self.assertEqual(len(before), 1)
        os.kill(before[0], signal.SIGKILL)
        wait_for("another keeper",
                 lambda: self.keepers() not in ([], before))
        self.await_observation()
        self.expect_unharmed()

    def test_what_kills_keeper_and_agent_alike_fails_calls_as_documented(self):
        """The one way, deliberate and in docs/coverage.md: a filter cannot be
        removed, and the kernel lets nothing pass that nobody answers."""
        self.start_analyzer()
        supervisor = self.begin()
        supervisor.send_signal(signal.SIGTERM)
        self.assertEqual(supervisor.wait(PATIENCE), 0)
        for keeper in self.keepers():
            os.kill(keeper, signal.SIGKILL)
        self.work_on(0.3)
        result, output = self.end_workload()
        self.assertGreater(result["failed"], 0)
        failures = [line for line in output.splitlines()
                    if line.startswith("FAILED")]
        self.assertTrue(failures)
        self.assertTrue(all("Function not implemented" in line
                            for line in failures), output)

    def mount_memory(self, folder, size, options=""):
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"{options}size={size}",
             "gatewatch-test", str(folder)], capture_output=True, text=True)
        if mounted.returncode != 0:
            self.skipTest(f"no file system to fill: {mounted.stderr.strip()}")
        if not options:
            self.addCleanup(subprocess.run, ["umount", "-l", str(folder)])


class AttachedTest(Scenarios, GatewatchTest):
    def begin(self, *options):
        self.start_workload(load())
        agent = self.start_supervised("--attach-pid", self.workload.pid,
                                      *options)
        wait_for("it is attached", lambda: under_filter(self.workload.pid))
        self.await_observation()
        return agent

    def start_worker_alone(self):
        return self.start_agent("--attach-pid", self.workload.pid)


class LaunchedTest(Scenarios, GatewatchTest):
    def begin(self, *options):
        agent = self.start_supervised(*options)
        self.start_workload(self.launched(*load()))
        self.await_observation()
        return agent

    def start_worker_alone(self):
        return self.start_agent()


if __name__ == "__main__":
    unittest.main(verbosity=2)
