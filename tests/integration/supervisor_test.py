"""The agent's supervisor: restarts the agent, and outlives it as needed."""

import os
import pathlib
import signal
import subprocess
import time
import unittest

from harness import BIN, PATIENCE, GatewatchTest, program, wait_for


class SupervisorTest(GatewatchTest):
    def test_a_killed_agent_is_restarted_and_takes_over_again(self):
        self.start_analyzer()
        supervisor = self.start_supervised()
        workload = self.start("workload", *self.launched(
            "/bin/sh", "-c", "while sleep 0.05; do cat /etc/hostname; done"))
        for _ in range(3):
            before = self.worker(supervisor)
            os.kill(before, signal.SIGKILL)
            wait_for("another agent", lambda: self.worker(supervisor) not in
                     (None, before))
            began = time.time_ns()
            wait_for("events of the new life", lambda: [
                e for e in self.events("fd.name=/etc/hostname", "--kind",
                                       "open")
                if int(e["event"]["time_ns"]) > began])
        self.assertIsNone(workload.poll())
        self.assertEqual(self.stop(supervisor), 0)

    def test_a_hanging_agent_is_ended_and_replaced(self):
        self.start_analyzer()
        self.start_analyzer()
        supervisor = self.start_supervised()
        wait_for("the agent is up", lambda: any(
            agent.get("connected") for agent in self.agents()))
        before = self.worker(supervisor)
        os.kill(before, signal.SIGSTOP)
        wait_for("another agent",
                 lambda: self.worker(supervisor) not in (None, before))
        self.assertIn("hangs", self.log_of("agent"))

    def test_an_agent_that_needs_too_much_memory_does_not_take_all(self):
        supervisor = self.start_supervised("--memory-limit", "64MiB")
        worker = wait_for("a worker", lambda: self.worker(supervisor))
        limits = pathlib.Path(f"/proc/{worker}/limits").read_text()
        self.assertRegex(limits, r"Max data size +67108864 ")

    def test_a_wrong_command_line_is_not_tried_again(self):
        refused = subprocess.run(
            [BIN / "gatewatch-agent", "--analyzer", "nowhere.example:1"],
            capture_output=True, text=True, timeout=30)
        self.assertEqual(refused.returncode, 2, refused.stderr)

    def test_it_stays_until_the_keepers_it_holds_are_gone(self):
        self.start_analyzer()
        workload = self.start("workload", "/usr/bin/unshare", "--net",
                              "/bin/sleep", "300")
        wait_for("the workload", lambda: program(workload.pid) == "sleep")
        supervisor = self.start_supervised("--attach-pid", workload.pid)
        # In another network namespace, a planted keeper would find no agent.
        wait_for("the keeper", lambda: "Seccomp:\t2" in pathlib.Path(
            f"/proc/{workload.pid}/status").read_text())
        os.kill(supervisor.pid, signal.SIGTERM)
        wait_for("the worker's end", lambda: not self.worker(supervisor))
        with self.assertRaises(subprocess.TimeoutExpired):
            supervisor.wait(1)
        self.stop(workload, signal.SIGKILL)
        self.assertEqual(supervisor.wait(PATIENCE), 0)


if __name__ == "__main__":
    unittest.main()
