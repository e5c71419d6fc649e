"""Agent and analyzer as separate processes, and what the command line shows."""

import json
import pathlib
import select
import subprocess
import unittest

from harness import BIN, PATIENCE, GatewatchTest, running, wait_for

# Executes its arguments once it is traced.
WHEN_TRACED = ("until grep -q 'TracerPid:.[1-9]' /proc/$$/status; "
               'do sleep 0.05; done; exec "$@"')


class TracedTest(GatewatchTest):
    def test_a_process_that_outruns_its_tracer_is_let_go_and_reported(self):
        self.start_analyzer()
        workload = self.start("workload", "/bin/sh", "-c", WHEN_TRACED, "sh",
                              BIN / "outrun_tracer", "/etc/hostname",
                              "/etc/hosts")
        self.start_supervised("--rung", "ptrace", "--attach-pid", workload.pid)
        self.assertEqual(workload.wait(PATIENCE), 0)
        wait_for("the gap is reported", lambda: [
            e for e in self.events("evt.kind=agent", "--kind", "agent")
            if e["event"].get("loss", {}).get("reason") == "REASON_LET_GO"])
        for path in ("/etc/hostname", "/etc/hosts"):
            wait_for(f"{path} is seen to be opened after it", lambda:
                     self.events(f"fd.name={path}", "--kind", "open"))


class LiveTest(GatewatchTest):
    def setUp(self):
        super().setUp()
        self.start_analyzer()
        self.start_agent()

    def test_events_show_what_a_command_opened(self):
        self.run_launched("/bin/cat", "/etc/hostname")
        found = wait_for("the open is stored", lambda: self.events(
            "evt.type=openat and fd.name startswith /etc"))
        paths = {e["event"]["file_open"]["file"]["path"] for e in found}
        self.assertIn("/etc/hostname", paths)
        process = found[-1]["process"]
        self.assertEqual(process["name"], "cat")
        self.assertEqual(process["arguments"], ["/bin/cat", "/etc/hostname"])

    def test_alerts_follow_shows_an_attack_as_it_happens(self):
        follow = subprocess.Popen(
            [BIN / "gatewatch", "--analyzer", self.address, "alerts",
             "--follow", "-o", "json"], stdout=subprocess.PIPE, text=True)
        with running(follow):
            # When the watch is open cannot be seen, and an alert from before
            # is not shown, nor are repeats of it: so each try is made by
            # another program.
            tools = iter(["cat", "head", "tail", "od", "md5sum", "sha1sum",
                          "wc", "sort", "uniq", "tac", "nl", "cut"])
            wait_for("an alert is shown",
                     lambda: self.raise_and_poll(follow, next(tools)))
            follow.stdout.close()

    def raise_and_poll(self, follow, tool):
        self.run_launched("/bin/sh", "-c", f"{tool} /etc/shadow >/dev/null")
        ready, _, _ = select.select([follow.stdout], [], [], 1.0)
        if not ready:
            return False
        alert = json.loads(follow.stdout.readline())
        self.assertEqual(alert["rule"], "Shadow file read")
        return True

    def test_a_tree_shows_ancestors_and_descendants(self):
        self.run_launched("/bin/sh", "-c", "/bin/sh -c '/bin/true; :'; :")
        found = wait_for("the exec is stored", lambda: self.events(
            "evt.type in (execve, execveat) and proc.name=true"))
        key = found[0]["process"]["key"]
        tree = self.gatewatch("tree", key)
        self.assertEqual(tree.returncode, 0, tree.stderr)
        self.assertIn("true", tree.stdout)
        self.assertGreaterEqual(tree.stdout.count("sh"), 2)

    def test_agents_shows_the_fleet(self):
        agent = wait_for("the agent is listed", self.agents)[0]
        self.assertTrue(agent["connected"])
        kinds = {k["kind"]: k.get("method", "")
                 for k in agent["coverage"]["kinds"]}
        self.assertEqual(kinds["exec"], "launch")

    def test_health_tells_that_the_analyzer_answers(self):
        health = self.gatewatch("health")
        self.assertEqual(health.returncode, 0, health.stderr)
        self.assertIn("1 of 1 agents are connected", health.stdout)

    def test_a_path_of_any_bytes_is_stored_whole_and_printed_escaped(self):
        name = bytes(self.folder) + b"/\xff\x1b[31m\xc3"
        self.run_launched(b"/usr/bin/touch", name)
        where = "evt.is_open_write=true and proc.name=touch"
        found = wait_for("the open is stored", lambda: self.events(where))
        paths = [e["event"]["file_open"]["file"]["path"] for e in found]
        # JSON has its own escape for the control byte, which is valid UTF-8.
        self.assertIn(f"{self.folder}/\\xff\x1b[31m\\xc3", paths)
        text = self.gatewatch("events", "--since", "1h", "--where", where)
        self.assertIn("\\xff\\x1b[31m\\xc3", text.stdout)
        self.assertNotIn("\x1b[31m", text.stdout)

    def test_one_alert_is_told_on_one_screen(self):
        self.run_launched("/bin/sh", "-c", "cat /etc/shadow >/dev/null")
        alert = wait_for("the alert is stored", self.alerts)[0]
        told = self.gatewatch("alert", alert["id"])
        self.assertEqual(told.returncode, 0, told.stderr)
        for fact in ("Shadow file read", "T1003", "cat", "sh", "/etc/shadow"):
            self.assertIn(fact, told.stdout)
        self.assertLess(len(told.stdout.splitlines()), 70)

    def test_an_unknown_alert_is_no_match(self):
        answer = self.gatewatch("alert", "0000000000000")
        self.assertEqual(answer.returncode, 1)

    def test_a_wrong_condition_is_an_input_error(self):
        answer = self.gatewatch("events", "--where", "evt.type=")
        self.assertEqual(answer.returncode, 2)
        self.assertIn("column", answer.stderr)


# Reaches into a process (the second argument) in one of these ways, without
# changing anything there.
REACH = """
import ctypes, sys
libc, pid = ctypes.CDLL(None), int(sys.argv[2])
if sys.argv[1] == "mem":
    open(f"/proc/{pid}/mem", "r+b").close()
if sys.argv[1] == "status":
    open(f"/proc/{pid}/status").close()
if sys.argv[1] == "write":
    libc.process_vm_writev(pid, None, 0, None, 0, 0)
if sys.argv[1] == "seize":
    libc.ptrace(0x4206, pid, None, None)
"""


class TamperingTest(GatewatchTest):
    def setUp(self):
        super().setUp()
        self.start_analyzer("--fold-window", "0s")
        self.supervisor = self.start_supervised()

    def reach(self, how, pid):
        self.run_launched("/usr/bin/python3", "-c", REACH, how, pid)

    def tampering(self):
        """(how, whom) of each alert on it."""
        return {tuple(alert["event"]["process"]["arguments"][-2:])
                for alert in self.alerts("--rule", "Agent tampered with")}

    def test_who_reaches_into_the_agent_raises_an_alert(self):
        bystander = self.start("bystander", "/bin/sleep", "600")
        worker = wait_for("the agent's worker runs",
                          lambda: self.worker(self.supervisor))
        expected = set()
        for how in ("write", "seize", "status", "mem"):
            for pid in (worker, self.supervisor.pid, bystander.pid):
                self.reach(how, pid)
                if how != "status" and pid != bystander.pid:
                    expected.add((how, str(pid)))
        wait_for("all that reach into it are seen",
                 lambda: self.tampering() >= expected)
        self.assertEqual(self.tampering(), expected)

    def test_who_reaches_into_a_keeper_raises_an_alert(self):
        script = "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(600)"
        workload = subprocess.Popen(
            [str(part) for part in self.launched(
                "/usr/bin/python3", "-c", script)],
            stdout=subprocess.PIPE, text=True)
        with running(workload):
            workload.stdout.readline()
            workload.stdout.close()
            keepers = [pid for pid in self.keepers() if self.serves(pid)]
            self.assertNotEqual(keepers, [])
            for pid in keepers:
                self.reach("mem", pid)
            wait_for("the alert", lambda: self.tampering() == {
                ("mem", str(pid)) for pid in keepers})

    def keepers(self):
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if (folder / "comm").read_text() == "gatewatch-keep\n":
                    yield int(folder.name)
            except OSError:
                pass  # it has ended

    def serves(self, keeper):
        """Whether this test's launcher made it: the socket is in its
        arguments."""
        return self.socket.encode() in pathlib.Path(
            f"/proc/{keeper}/cmdline").read_bytes()


class AloneTest(GatewatchTest):
    def test_without_an_analyzer_the_command_line_says_so(self):
        answer = self.gatewatch("alerts")
        self.assertEqual(answer.returncode, 3)
        self.assertIn(self.address, answer.stderr)

    def test_without_an_analyzer_the_workload_does_not_notice(self):
        self.start_agent()
        done = self.run_launched("/bin/sh", "-c", "echo fine; exit 7")
        self.assertEqual((done.stdout, done.returncode), (b"fine\n", 7))
        self.start_analyzer()
        wait_for("what happened before the analyzer came is stored",
                 lambda: self.events("evt.type in (execve, execveat) and "
                                     "proc.name=sh"))

    def test_without_an_agent_the_workload_does_not_notice(self):
        done = self.run_launched("/bin/sh", "-c", "echo fine; exit 7")
        self.assertEqual((done.stdout, done.returncode), (b"fine\n", 7))


if __name__ == "__main__":
    unittest.main(verbosity=2)
