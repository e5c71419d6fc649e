"""`gatewatch run`: the whole product around one command."""

import json
import pathlib
import re
import socket
import subprocess
import unittest

from harness import BIN, GatewatchTest


def sees_packets():
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()
        return True
    except PermissionError:
        return False


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
        simulations = [json.loads(line) for line in listed.stdout.splitlines()]
        expected = {simulation["rule"] for simulation in simulations
                    if simulation["needs"] != "packet" or sees_packets()}
        self.assertGreaterEqual(len(expected), 60)
        done = self.run_watched(BIN / "gatewatch", "simulate", "--all",
                                options=("-o", "json"))
        self.assertEqual(done.returncode, 0, done.stderr)
        alerted = {json.loads(line).get("rule")  # the last is a summary
                   for line in done.stderr.splitlines()
                   if line.startswith("{")}
        self.assertEqual(expected - alerted, set())

    def test_the_users_list_replaces_the_rules_own(self):
        lists = pathlib.Path(self.folder) / "lists"
        lists.mkdir()
        feed = lists / "command_and_control_addresses.txt"
        feed.write_text("# mine\n203.0.113.30\n")
        simulate = (BIN / "gatewatch", "simulate", "c2-address",
                    "black-hole-address")
        done = self.run_watched(*simulate,
                                options=("-o", "json", "--lists", lists))
        alerted = [json.loads(line).get("rule")
                   for line in done.stderr.splitlines()
                   if line.startswith("{")]
        self.assertEqual(
            alerted.count("Command and control address reached"), 1)
        self.assertIn("Black hole address reached", alerted)
        feed.write_text("203.0.113.300\n")
        done = self.run_watched(*simulate, options=("--lists", lists))
        self.assertEqual(done.returncode, 2)
        self.assertIn(f'{feed}:1: "203.0.113.300" is not an address',
                      done.stderr)

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
