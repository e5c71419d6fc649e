"""The constructs that published rules are made of, over real processes: each
rule of constructs.yaml fires for its behaviour, and not for the twin."""

import os
import pathlib
import re
import subprocess
import sys
import unittest

import behaviours
from behaviours import BEHAVIOURS, FIRES, TWIN
from harness import BIN, GatewatchTest, SOURCE, wait_for

HERE = pathlib.Path(__file__).parent
LAUNCH, ATTACH, PTRACE, EBPF = "launch", "attach", "ptrace", "ebpf"
NOTIFICATION = (LAUNCH, ATTACH)

# What a rung cannot see, in the words of docs/coverage.md.
BLIND = [
    ("Message beyond private networks", FIRES, (LAUNCH, ATTACH, PTRACE),
     "peer of `sendmsg`"),
    ("Client's network", FIRES, (LAUNCH, ATTACH, PTRACE),
     "`accept` without its peer"),
    ("Standard stream becomes a connection by dup", FIRES,
     (LAUNCH, ATTACH, PTRACE, EBPF), "**`dup`** onto a low descriptor"),
    ("Open that was refused", FIRES, NOTIFICATION, "**Outcomes.**"),
    ("Open that went through", TWIN, NOTIFICATION, "**Outcomes.**"),
    ("Connection that was not refused", TWIN, NOTIFICATION, "**Outcomes.**"),
]

# What a rule prints.
OUTPUTS = {
    "Output": (
        r"open(at)? FOLDER/kept/printed FOLDER/kept printed f (0|O_\S+) python3 "
        r"PYTHON3 python3 \d+ 0 root -?\d+ 0 true <NA> "
        r"(SUCCESS|unknown \(presumed SUCCESS\))"),
    "Lower and upper case": "TRUE --LouD",
    "Overridden rule": "latter",
}


def marker_of(alert):
    """Which behaviour an alert is of: (rule, which), as the arguments of the
    process or of the ancestor that performed it say."""
    record = alert["event"]
    for process in [record["process"], *record.get("ancestors", [])]:
        arguments = process.get("arguments", [])
        for first, second in zip(arguments, arguments[1:]):
            if first in BEHAVIOURS and second in (FIRES, TWIN):
                return first, second
    return None


class ConstructsTest(GatewatchTest):
    def setUp(self):
        super().setUp()
        self.folder.chmod(0o755)
        behaviours.prepare(self.folder)
        rules = (HERE / "constructs.yaml").read_text()
        (self.folder / "rules.yaml").write_text(
            rules.replace("FOLDER", str(self.folder)))
        self.start_analyzer("--rules", self.folder / "rules.yaml",
                            "--fold-window", "0s")
        self.names = set(re.findall("^- rule: (.*)$", rules, re.MULTILINE))

    def perform(self, rung):
        """All behaviours; returns those that could not be performed."""
        command = [sys.executable, HERE / "behaviours.py", "all", self.folder]
        if rung == LAUNCH:
            self.start_agent("--rate-limit", "off", "--cpu-budget", "0")
            command = self.launched(*command)
        driver = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True,
            env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"))
        self.addCleanup(driver.stdout.close)
        self.addCleanup(driver.kill)
        if rung != LAUNCH:
            self.start_agent("--rate-limit", "off", "--cpu-budget", "0",
                             "--rung", rung, "--attach-pid", driver.pid)
            wait_for("the driver is observed",
                     lambda: self.is_observed(rung, driver.pid))
        said, _ = driver.communicate("go\n", timeout=300)
        *failed, last = said.splitlines()
        self.assertEqual(last, "done")
        return failed

    def is_observed(self, rung, pid):
        for agent in self.agents():
            coverage = agent.get("coverage", {})
            if rung == EBPF:
                return any(kind.get("method") == rung
                           for kind in coverage.get("kinds", []))
            return any(root["pid"] == pid and root.get("method") == rung
                       for root in coverage.get("roots", []))
        return False

    def fired(self, last):
        """{(performed rule, which)} for which that rule fired, once the last
        behaviour's alert is there."""
        wait_for("the last behaviour's alert", lambda: [
            alert for alert in self.alerts() if marker_of(alert) == last])
        found = {}
        for alert in self.alerts():
            marker = marker_of(alert)
            if marker and marker[0] == alert["rule"]:
                found[marker] = alert
        return found

    def check(self, rung):
        failed = self.perform(rung)
        fired = self.fired((list(BEHAVIOURS)[-1], FIRES))
        expected = {(rule, FIRES) for rule in BEHAVIOURS}
        for rule, which, rungs, words in BLIND:
            if rung in rungs:
                expected ^= {(rule, which)}
        self.assertEqual((sorted(expected - set(fired)),
                          sorted(set(fired) - expected), failed),
                         ([], [], []))
        for rule, pattern in OUTPUTS.items():
            pattern = pattern.replace("FOLDER", re.escape(str(self.folder)))
            self.assertRegex(fired[rule, FIRES]["output"], f"^{pattern}$")
        self.assertEqual(sum(int(a.get("lost", 0)) for a in self.agents()), 0)

    def test_each_rule_has_a_behaviour_and_a_twin(self):
        self.assertEqual(self.names, set(BEHAVIOURS))

    def test_what_is_not_seen_is_documented(self):
        page = (SOURCE / "docs/coverage.md").read_text()
        for rule, _, _, words in BLIND:
            self.assertIn(words, page, rule)

    def test_over_launch(self):
        self.check(LAUNCH)

    def test_over_attach(self):
        self.check(ATTACH)

    def test_over_ptrace(self):
        self.check(PTRACE)

    def test_over_ebpf(self):
        self.check(EBPF)


if __name__ == "__main__":
    unittest.main(verbosity=2)
