"""Whatever ends in the sidecar, no call of the workload fails."""

import os
import signal
import unittest

import lab
from harness import wait_for
from task import TOOLS, USER, TaskTest, setUpModule, tearDownModule

# Opens and executes until it is told to end. Each program checks its calls;
# a call that fails ends this with a status that is not 0.
BUSY = f"""
until [ -e /task/end ]; do
  {TOOLS}/many_opens 500 /tmp/file- 4 >/dev/null || exit 90
  /bin/true || exit 91
done
exit 0
"""


KEEPER_KIB = 3 << 10


def resident_kib(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status
                    if line.startswith("VmRSS:"))


class NeverBreaksTest(TaskTest):
    def start_busy_app(self, **more):
        self.create_app(command=("sh", "-c", BUSY), **more)
        self.start_container("app")

    def start_sidecar(self, name="sidecar"):
        self.create_sidecar("--attach", "yes", "--agent-id", "agent", name=name)
        self.start_container(name)
        wait_for("the agent is connected", self.coverage)

    def await_events(self):
        """Further ones of the workload."""
        epoch, sequence = self.progress()
        wait_for("events arrive", lambda: self.progress() >
                 (epoch, sequence + 500))

    def progress(self):
        """Of the agent: which life it leads, and its events in that."""
        agent = self.agents()[0]
        return int(agent["epoch"]), int(agent.get("last_sequence", 0))

    def end_app(self):
        """The exit status of the workload: 0 when no call failed."""
        self.assertTrue(self.runs("app"), self.output_of("app"))
        (self.task_folder / "end").touch()
        return self.exit_status("app")

    def processes_of(self, name, command):
        """Those of a container that run `command`, as this host numbers
        them."""
        identity = self.inspect(name, ".Id")
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cgroup") as cgroup, \
                        open(f"/proc/{pid}/comm") as comm:
                    if identity in cgroup.read() and (
                            comm.read().strip() == command):
                        found.append(int(pid))
            except (FileNotFoundError, ProcessLookupError):
                pass  # ended meanwhile
        return found

    def worker(self, sidecar="sidecar"):
        return self.processes_of(sidecar, "gatewatch-agent")

    def kill_worker(self):
        before = self.worker()
        os.kill(before[0], signal.SIGKILL)
        wait_for("another worker runs",
                 lambda: self.worker() not in ([], before))


class PlantedKeeperTest(NeverBreaksTest):
    def setUp(self):
        super().setUp()
        self.start_pause()

    def expect_survival_of_the_sidecar_s_death(self, user):
        self.start_busy_app(user=user)
        self.start_sidecar()
        self.await_attached("app")
        self.await_events()
        self.assertTrue(self.processes_of("app", "gatewatch-keep"),
                        "the keeper is not in the workload's container")
        lab.podman("kill", self.prefix + "sidecar")
        self.remove("sidecar")
        self.start_sidecar("successor")
        self.await_events()
        reported = wait_for("the gap is reported", lambda: self.losses(
            "REASON_AGENT_ABSENT"))
        self.assertTrue(reported[0]["event"]["loss"].get("counts"))
        self.assertEqual(self.end_app(), 0, self.output_of("app"))

    def test_a_root_workload_survives_the_death_of_the_whole_sidecar(self):
        self.expect_survival_of_the_sidecar_s_death("0:0")

    def test_a_user_s_workload_survives_the_death_of_the_whole_sidecar(self):
        self.expect_survival_of_the_sidecar_s_death(USER)

    def test_a_keeper_is_small_and_ends_with_its_workload(self):
        self.start_busy_app()
        self.start_sidecar()
        self.await_attached("app")
        self.await_events()
        [keeper] = self.processes_of("app", "gatewatch-keep")
        self.assertLess(resident_kib(keeper), KEEPER_KIB)
        self.assertEqual(self.end_app(), 0, self.output_of("app"))
        wait_for("the keeper has ended", lambda: not self.processes_of(
            "app", "gatewatch-keep"))


class HeldKeeperTest(NeverBreaksTest):
    """The workload's process is the first of the pid namespace, as where
    there is no pause: a keeper planted in it would become its child."""

    def setUp(self):
        super().setUp()
        self.start_busy_app(options=("--network", "none"))
        self.share_namespaces_of("app")
        self.start_sidecar()
        self.await_attached("app")
        self.await_events()

    def test_the_listener_is_held_in_the_sidecar(self):
        self.assertEqual(self.processes_of("app", "gatewatch-keep"), [])
        self.assertTrue(self.processes_of("sidecar", "gatewatch-keep"))
        self.assertEqual(self.end_app(), 0, self.output_of("app"))

    def test_a_killed_worker_costs_no_call_and_is_replaced(self):
        for _ in range(3):
            self.kill_worker()
            self.await_events()
        wait_for("the gap is reported", lambda: self.losses(
            "REASON_AGENT_DIED"))
        self.assertEqual(self.end_app(), 0, self.output_of("app"))

    def test_a_sidecar_that_is_to_end_stays_until_the_workload_has_ended(self):
        lab.podman("kill", "--signal", "TERM", self.prefix + "sidecar")
        wait_for("the worker has ended", lambda: not self.worker())
        self.assertTrue(self.runs("sidecar"))
        self.assertEqual(self.end_app(), 0, self.output_of("app"))
        self.exit_status("sidecar")  # ends as well


if __name__ == "__main__":
    lab.main()
