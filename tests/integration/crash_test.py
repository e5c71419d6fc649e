"""What is killed in the middle of work loses nothing, or says what it lost."""

import collections
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from harness import BIN, GatewatchTest, wait_for

KNOWN = 50_000
# Calls that take longer than an agent takes to be killed and come again.
LONG = 500_000


class CrashTest(GatewatchTest):
    def setUp(self):
        super().setUp()
        # In memory where that is to be had: making files again that were just
        # deleted takes a disk's file system longer than all else here.
        memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
        self.files = tempfile.mkdtemp(prefix="gatewatch-test-", dir=memory)
        self.addCleanup(shutil.rmtree, self.files, ignore_errors=True)

    def known_opens(self):
        """How often each known file's creation is stored."""
        found = self.events(
            f"fd.name startswith {self.files}/known- and "
            "evt.is_open_write=true")
        return collections.Counter(
            e["event"]["file_open"]["file"]["path"] for e in found)

    def stored_events(self):
        """Of the agent's present life."""
        listed = self.agents()
        return int(listed[0].get("last_sequence", 0)) if listed else 0

    def start_known_opens(self, count=KNOWN, rounds=1):
        return subprocess.Popen(
            [str(part) for part in self.launched(
                BIN / "many_opens", count, f"{self.files}/known-", rounds)],
            stdout=subprocess.PIPE, text=True)

    def test_every_event_is_stored_once_though_the_analyzer_is_killed(self):
        analyzer = self.start_analyzer()
        self.start_agent("--rate-limit", "off", "--cpu-budget", "0")
        workload = self.start_known_opens()
        wait_for("some events are stored",
                 lambda: self.stored_events() > 2000)
        analyzer.kill()
        analyzer.wait()
        self.start_analyzer()
        self.assertEqual(workload.communicate(timeout=120)[0],
                         f"{KNOWN} opens\n")
        wait_for("all events are stored",
                 lambda: len(self.known_opens()) >= KNOWN, patience=120)
        counts = self.known_opens()
        self.assertEqual(len(counts), KNOWN)
        self.assertEqual(set(counts.values()), {1})

    def test_a_killed_agent_costs_the_workload_nothing_and_is_reported(self):
        self.start_analyzer()
        agent = self.start_agent()
        workload = self.start_known_opens(2000, LONG // 2000)
        kills = 0
        while kills < 5 and workload.poll() is None:
            wait_for("some events are stored, or all is over",
                     lambda: workload.poll() is not None or
                     self.stored_events() > 100)
            agent.kill()
            agent.wait()
            kills += 1
            time.sleep(0.3)  # the span that is to be reported as lost
            agent = self.start_agent()
        self.assertGreater(kills, 0)
        self.assertEqual(workload.communicate(timeout=120)[0],
                         f"{LONG} opens\n")
        losses = wait_for("the gap is reported", lambda: self.events(
            "evt.kind=agent", "--kind", "agent"))
        reasons = {e["event"]["loss"]["reason"] for e in losses
                   if "loss" in e["event"]}
        self.assertIn("REASON_AGENT_ABSENT", reasons)
        self.assertIn("REASON_AGENT_DIED", reasons)

    def test_a_stopped_agent_costs_the_workload_nothing_and_is_reported(self):
        self.start_analyzer()
        agent = self.start_agent()
        workload = self.start_known_opens(2000, LONG // 2000)
        wait_for("some events are stored", lambda: self.stored_events() > 100)
        agent.send_signal(signal.SIGSTOP)
        try:
            self.assertEqual(workload.communicate(timeout=120)[0],
                             f"{LONG} opens\n")
            self.assertEqual(self.run_launched("/bin/echo", "x").stdout,
                             b"x\n")  # a command that finds it stopped
        finally:
            agent.send_signal(signal.SIGCONT)
        self.run_launched("/bin/true")
        wait_for("the agent observes again", lambda: self.events(
            "evt.type in (execve, execveat) and proc.name=true"))
        losses = wait_for("the gap is reported", lambda: [
            e for e in self.events("evt.kind=agent", "--kind", "agent")
            if e["event"].get("loss", {}).get("reason") ==
            "REASON_AGENT_ABSENT"])
        self.assertTrue(losses)


class HostilePeerTest(GatewatchTest):
    def test_a_peer_that_sends_garbage_hurts_nobody_else(self):
        self.start_analyzer()
        self.start_agent()
        wait_for("the agent is connected",
                 lambda: any(a.get("connected") for a in self.agents()))
        host, port = self.address.split(":")
        for size in (1, 100, 1 << 20):
            with socket.create_connection((host, int(port))) as peer:
                try:
                    peer.sendall(os.urandom(size))
                except OSError:
                    pass  # the analyzer hung up first
        self.run_launched("/bin/true")
        wait_for("the agent is still heard", lambda: self.events(
            "evt.type in (execve, execveat) and proc.name=true"))

    def test_a_malformed_rule_file_is_refused_with_its_position(self):
        rules = self.folder / "bad.yaml"
        rules.write_text("- rule: Broken\n  desc: x\n"
                         "  condition: evt.type=execve and\n"
                         "  output: x\n  priority: WARNING\n")
        check = self.gatewatch("rules", "check", rules)
        self.assertEqual(check.returncode, 2)
        self.assertRegex(check.stderr + check.stdout, r"bad\.yaml:3:\d+")
        refused = subprocess.run(
            [BIN / "gatewatch-analyzer", "--listen", self.address,
             "--store", self.folder / "store", "--rules", rules],
            capture_output=True, text=True, timeout=30)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("bad.yaml:3:", refused.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
