"""A store that is damaged, or killed while it is written to."""

import json
import os
import signal
import subprocess
import unittest

from harness import BIN, GatewatchTest, wait_for


class StoreTest(GatewatchTest):
    def check_store(self):
        return subprocess.run(
            [BIN / "gatewatch-analyzer", "--store", self.folder / "store",
             "--check-store"], capture_output=True, text=True, timeout=60)

    def partitions(self):
        return sorted((self.folder / "store").glob("events-*.db"))

    def stored(self):
        listed = self.agents()
        return int(listed[0].get("last_sequence", 0)) if listed else 0

    def kept_and_lost(self):
        """The numbers of stored events, and what the store says of the rest."""
        kept, lost = set(), []
        # An event may tell of a process that began long ago.
        listed = self.gatewatch("events", "--since", "3650d", "-o", "json")
        self.assertEqual(listed.returncode, 0, listed.stderr)
        for event in (json.loads(line)["event"]
                      for line in listed.stdout.splitlines()):
            loss = event.get("loss", {})
            if loss.get("reason") == "REASON_STORE_DAMAGED":
                lost.append(loss)
            else:
                kept.add(int(event["sequence"]))
        return kept, lost

    def fill_and_kill(self):
        """Leaves the store as a kill -9 in the middle of writing does."""
        analyzer = self.start_analyzer()
        agent = self.start_agent("--rate-limit", "off", "--cpu-budget", "0")
        workload = subprocess.Popen(
            [str(part) for part in self.launched(
                BIN / "many_opens", 20_000, f"{self.folder}/known-", 1)],
            stdout=subprocess.PIPE, text=True)
        wait_for("some events are stored", lambda: self.stored() > 3000)
        analyzer.kill()
        analyzer.wait()
        return agent, workload

    def test_a_killed_analyzer_leaves_a_whole_store(self):
        _, workload = self.fill_and_kill()
        checked = self.check_store()
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        self.assertRegex(checked.stdout, r"1 partitions with \d+ events")
        workload.kill()
        workload.wait()

    def test_a_torn_file_is_recovered_and_what_is_lost_is_said(self):
        agent, workload = self.fill_and_kill()
        workload.kill()
        workload.wait()
        agent.send_signal(signal.SIGKILL)
        agent.wait()
        # So that all is in the file and none in its log.
        self.assertEqual(self.check_store().returncode, 0)
        torn = self.partitions()[0]
        os.truncate(torn, torn.stat().st_size // 2)
        self.start_analyzer()
        before = self.stored()
        kept, lost = self.kept_and_lost()
        count = sum(int(loss["counts"][0]["count"]) for loss in lost)
        self.assertGreater(count, 0)
        self.assertEqual(len(kept) + count, before)
        (statement,) = (self.folder / "store").glob("*.txt")
        self.assertIn("events saved", statement.read_text())
        listed = json.loads(self.gatewatch("agents", "-o", "json").stdout)
        self.assertGreaterEqual(int(listed["lost"]), count)


if __name__ == "__main__":
    unittest.main(verbosity=2)
