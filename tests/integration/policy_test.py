"""Agents that are connected while the rules change: what they capture."""

import subprocess
import unittest

from harness import GatewatchTest, wait_for

# Sends a signal each time it is told to. No shipped rule wants signals.
KILLS = ('while read -r line; do sleep 600 & '
         '/bin/kill -KILL $!; wait $! 2>/dev/null; done')
EXECS = """
- rule: Echoed
  desc: wants what is always captured
  condition: evt.type = execve and proc.name = echo
  output: "%proc.cmdline"
  priority: NOTICE
"""
RULE = """
- rule: Killed
  desc: wants a kind of event that no other rule wants
  condition: evt.type = kill and evt.arg.sig = SIGKILL
  output: "%proc.name killed %evt.arg.pid"
  priority: NOTICE
"""


class PolicyTest(GatewatchTest):
    def setUp(self):
        super().setUp()
        self.rules = self.folder / "rules"
        self.rules.mkdir()
        (self.rules / "execs.yaml").write_text(EXECS)
        self.analyzer = self.start_analyzer("--rules", self.rules,
                                            "--fold-window", "0s")

    def start_workload(self, *before):
        workload = subprocess.Popen(
            [str(part) for part in (*before, "/bin/sh", "-c", KILLS)],
            stdin=subprocess.PIPE, text=True)
        self.addCleanup(self.end, workload)
        return workload

    def end(self, workload):
        workload.stdin.close()
        workload.wait(60)

    def kill(self, workload):
        workload.stdin.write("now\n")
        workload.stdin.flush()

    def add_rule(self):
        new = self.rules / "killed.new"
        new.write_text(RULE)
        new.rename(self.rules / "killed.yaml")
        wait_for("the rule is at work", lambda: "Killed" in
                 self.gatewatch("rules", "list").stdout)

    def killed(self):
        return self.alerts("--rule", "Killed")

    def signals(self):
        return self.events("evt.type = kill", "--kind", "signal")

    def kind(self, name):
        """What the one agent says of a kind of event."""
        agents = self.agents()
        kinds = agents[0].get("coverage", {}).get("kinds", []) if agents else []
        return next((k for k in kinds if k["kind"] == name), {})

    def root(self, pid):
        roots = self.agents()[0].get("coverage", {}).get("roots", [])
        return next((r for r in roots if r["pid"] == pid), {})

    def wants_signals(self):
        return "no rule" not in self.kind("signal").get("reason", "")

    def execs(self):
        return self.events("evt.type = execve and proc.name = kill")

    def kill_and_see(self, workload):
        """Waits until the kill's process is known, so that what else it did
        is stored, too."""
        before = len(self.execs())
        self.kill(workload)
        wait_for("the kill is executed",
                 lambda: len(self.execs()) > before)

    def test_a_launched_workload_needs_nothing_to_change(self):
        self.start_agent()
        workload = self.start_workload(*self.launched())
        self.kill_and_see(workload)
        wait_for("signals are seen before a rule asks", self.signals)
        self.assertEqual(self.killed(), [])
        self.add_rule()
        self.kill(workload)
        wait_for("the rule fires", self.killed)

    def test_ebpf_captures_more_at_once(self):
        workload = self.start_workload()
        self.start_agent("--rung", "ebpf", "--attach-pid", workload.pid)
        wait_for("signals are left out", lambda: self.kind("signal") and
                 not self.wants_signals())
        self.kill_and_see(workload)
        self.assertEqual(self.signals(), [])
        self.add_rule()
        wait_for("the agent says that it captures signals", lambda:
                 self.kind("signal").get("method") == "ebpf")
        self.kill(workload)
        wait_for("the rule fires", self.killed)
        (self.rules / "killed.yaml").unlink()
        wait_for("signals are left out again",
                 lambda: not self.wants_signals())

    def test_what_is_attached_to_says_that_it_stays_as_it_is(self):
        workload = self.start_workload()
        agent = self.start_agent("--rung", "attach", "--attach-pid",
                                 workload.pid)
        wait_for("the workload is attached to", lambda: self.agents() and
                 self.root(workload.pid).get("method") == "attach")
        self.kill_and_see(workload)
        self.assertEqual(self.signals(), [])
        self.assertNotIn("unseen_kinds", self.root(workload.pid))
        self.add_rule()
        wait_for("the agent says what its filter lacks", lambda:
                 self.root(workload.pid).get("unseen_kinds") == ["signal"])
        self.assertIn("1 process without signal until it starts anew",
                      self.gatewatch("agents").stdout)
        self.assertIn("more by now (signal)", self.log_of("agent"))
        self.kill_and_see(workload)
        self.assertEqual((self.signals(), self.killed()), ([], []))
        # It starts anew, and with it the agent that is told to attach to it.
        again = self.start_workload()
        self.stop(agent)
        self.start_agent("--rung", "attach", "--attach-pid",
                                      again.pid)
        wait_for("the new workload is attached to", lambda:
                 self.root(again.pid).get("method") == "attach")
        self.assertNotIn("unseen_kinds", self.root(again.pid))
        self.kill(again)
        wait_for("the rule fires", self.killed)

    def test_an_analyzer_that_comes_back_knows_what_is_covered(self):
        workload = self.start_workload()
        self.start_agent("--rung", "attach", "--attach-pid", workload.pid)
        wait_for("the workload is attached to", lambda: self.agents() and
                 self.root(workload.pid).get("method") == "attach")
        self.stop(self.analyzer)
        self.start_analyzer("--rules", self.rules)
        wait_for("the agent is back", lambda: self.agents() and
                 self.agents()[0].get("connected"))
        self.assertEqual(self.root(workload.pid).get("method"), "attach")


if __name__ == "__main__":
    unittest.main(verbosity=2)
