"""docs/detections.md against the rules and the simulations."""

import os
import pathlib
import subprocess
import unittest

from harness import GatewatchTest

SOURCE = pathlib.Path(os.environ["GATEWATCH_SOURCE"])


class DetectionsTest(GatewatchTest):
    def test_the_tables_are_what_the_rules_say(self):
        done = subprocess.run([SOURCE / "scripts/detections", "--check"],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_no_finding_is_without_a_rule(self):
        page = (SOURCE / "docs/detections.md").read_text()
        begin = page.index("## Finding by finding")
        end = page.index("## Technique by technique")
        rows = [line for line in page[begin:end].splitlines()
                if line.startswith("| `")]
        self.assertEqual(len(rows), 46)
        for row in rows:
            cells = [cell.strip() for cell in row.split("|")]
            self.assertNotIn(cells[2], ("", "none"), row)
            self.assertNotEqual(cells[3], "", row)


if __name__ == "__main__":
    unittest.main(verbosity=2)
