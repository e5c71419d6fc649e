"""Rules, lists and tuning that change while an analyzer runs."""

import collections
import json
import signal
import threading
import unittest

from harness import GatewatchTest, wait_for

CALLS = 1500


def rule(name, condition):
    return (f"- rule: {name}\n  desc: d\n  condition: {condition}\n"
            "  output: o\n  priority: WARNING\n")


def generation(number):
    """Two rules that match the same, so that half a set would show."""
    runs = "evt.type in (execve, execveat) and proc.name = true"
    return rule(f"first {number}", runs) + rule(f"second {number}", runs)


class ReloadTest(GatewatchTest):
    def setUp(self):
        super().setUp()
        self.rules = self.folder / "rules"
        self.rules.mkdir()
        self.tuning = self.folder / "tuning.yaml"
        self.write(self.tuning, "")
        self.write(self.rules / "a.yaml", generation(0))
        self.analyzer = self.start_analyzer(
            "--rules", self.rules, "--tuning", self.tuning,
            "--fold-window", "24h")

    def write(self, path, text):
        new = path.with_suffix(".new")
        new.write_text(text)
        new.rename(path)

    def hang_up(self):
        self.analyzer.send_signal(signal.SIGHUP)

    def names(self):
        listed = self.gatewatch("rules", "list", "-o", "json").stdout
        return {json.loads(line)["name"] for line in listed.splitlines()}

    def counts(self):
        """How often each rule of a generation has fired."""
        counts = collections.Counter()
        for alert in self.alerts():
            counts[alert["rule"]] += int(alert["count"])
        return counts

    def first_or_second(self, which):
        return sum(count for name, count in self.counts().items()
                   if name.startswith(which))

    def test_each_event_is_judged_by_one_set_while_rules_change(self):
        self.start_agent()
        loop = f"i=0; while [ $i -lt {CALLS} ]; do /bin/true; i=$((i+1)); done"
        flow = threading.Thread(
            target=self.run_launched, args=("/bin/sh", "-c", loop))
        flow.start()
        number = 0
        while flow.is_alive() or number < 3:
            number += 1
            self.write(self.rules / "a.yaml", generation(number))
            self.hang_up()
            wait_for("the rules are at work",
                     lambda: f"first {number}" in self.names())
        flow.join()
        wait_for("all are counted",
                 lambda: self.first_or_second("first ") >= CALLS)
        counts = self.counts()
        for each in range(number + 1):
            self.assertEqual(counts[f"first {each}"], counts[f"second {each}"])
        self.assertEqual(self.first_or_second("first "), CALLS)
        self.assertEqual(sum(int(a.get("lost", 0)) for a in self.agents()), 0)

    def test_a_wrong_file_keeps_the_rules_and_is_told(self):
        self.write(self.rules / "b.yaml", rule("broken", "nosuch.field = 1"))
        # Nobody says so: the analyzer looks by itself.
        status = wait_for("the error is known", lambda: self.failed_status())
        self.assertIn("b.yaml:3:", status.stdout)
        self.assertIn("nosuch.field", status.stdout)
        self.assertIn("first 0", self.names())
        self.assertIn("nosuch.field", self.log_of("analyzer"))
        self.assertIn("rules status",
                      self.gatewatch("rules", "list").stderr)
        (self.rules / "b.yaml").unlink()
        wait_for("the files are right again",
                 lambda: self.gatewatch("rules", "status").returncode == 0)

    def failed_status(self):
        status = self.gatewatch("rules", "status")
        return status if status.returncode == 1 else None

    def test_what_tuning_silences_is_counted_and_seen(self):
        self.start_agent()
        self.write(self.tuning,
                   "exceptions:\n- name: known runs\n  rules: [first 0]\n"
                   "  condition: proc.name = true\n")
        self.hang_up()
        wait_for("the tuning is at work", lambda: "known runs" in
                 self.gatewatch("rules", "status").stdout)
        self.run_launched("/bin/true")
        wait_for("the other rule fires",
                 lambda: self.first_or_second("second ") == 1)
        self.assertEqual(self.first_or_second("first "), 0)
        self.assertIn("1 alert kept back",
                      self.gatewatch("rules", "status").stdout)
        self.assertIn("silenced 1 times",
                      self.gatewatch("rules", "show", "first 0").stdout)


if __name__ == "__main__":
    unittest.main()
