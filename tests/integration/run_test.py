"""`gatewatch run`: the whole product around one command."""

import json
import re
import subprocess
import unittest

from harness import BIN, GatewatchTest


class RunTest(GatewatchTest):
    def run_watched(self, *command, options=()):
        return subprocess.run(
            [str(part) for part in (BIN / "gatewatch", "run", *options, "--",
                                    *command)],
            capture_output=True, text=True, timeout=300)

    def test_every_simulated_technique_is_alerted(self):
        listed = subprocess.run(
            [BIN / "gatewatch", "simulate", "list", "-o", "json"],
            capture_output=True, text=True, check=True)
        expected = {json.loads(line)["rule"]
                    for line in listed.stdout.splitlines()}
        self.assertGreaterEqual(len(expected), 12)
        done = self.run_watched(BIN / "gatewatch", "simulate", "--all",
                                options=("-o", "json"))
        self.assertEqual(done.returncode, 0, done.stderr)
        alerted = {json.loads(line).get("rule")  # the last is a summary
                   for line in done.stderr.splitlines()
                   if line.startswith("{")}
        self.assertEqual(expected - alerted, set())

    def test_the_status_is_the_commands(self):
        self.assertEqual(
            self.run_watched("/bin/sh", "-c", "exit 42").returncode, 42)
        self.assertEqual(
            self.run_watched("/bin/sh", "-c", "kill -TERM $$").returncode,
            128 + 15)
        self.assertEqual(self.run_watched("/nonexistent").returncode, 127)

    def test_the_output_is_the_commands(self):
        done = self.run_watched("/bin/echo", "as it is")
        self.assertEqual(done.stdout, "as it is\n")

    def test_an_everyday_command_raises_no_alert(self):
        done = self.run_watched(
            "/bin/sh", "-c",
            f"cd {self.folder}; echo data >file; grep data file; ls -l; "
            "mkdir -p a/b; cp file a/b; rm -r a; sort file | uniq -c")
        self.assertEqual(done.returncode, 0)
        self.assertIn("0 alerts", done.stderr)

    def test_each_binary_says_what_it_is(self):
        for name in ("gatewatch", "gatewatch-agent", "gatewatch-analyzer",
                     "gatewatch-launch"):
            told = subprocess.run([BIN / name, "--help"],
                                  capture_output=True, text=True)
            self.assertEqual(told.returncode, 0, name)
            self.assertTrue(re.search("example", told.stdout, re.IGNORECASE),
                            name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
