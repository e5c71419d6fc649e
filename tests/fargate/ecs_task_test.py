"""An ECS task on Fargate: the sidecar has SYS_PTRACE, and nothing else is
changed for it."""

import unittest

import lab
from harness import PATIENCE, wait_for
from task import (ATTACH_LATENCY, TASK_ARN, TOOLS, USER, TaskTest,
                  container_of, setUpModule, simulated_rules, tearDownModule)

SIMULATE_ALL = f"{TOOLS}/gatewatch simulate --all"


class EcsTaskTest(TaskTest):
    def setUp(self):
        super().setUp()
        self.start_pause()
        self.start_metadata_endpoint()

    def start_sidecar(self):
        self.create_sidecar(environment=self.ecs_environment())
        self.start_container("sidecar")
        wait_for("the agent is connected", self.coverage)

    def expect_alerts_from_app(self, root=True):
        self.await_attached("app")
        self.tell()
        self.assertEqual(self.status_told(), 0, self.output_of("app"))
        self.await_alerts("app", simulated_rules(root))
        for alert in self.alerts():
            record = alert["event"]
            self.assertEqual(record["workload"]["task_arn"], TASK_ARN)
            self.assertEqual(container_of(record)["name"], "app")
            self.assertEqual(container_of(record)["image"], "shop/app:1")

    def test_alerts_come_from_a_root_workload_that_runs_already(self):
        self.create_app()
        self.start_container("app")
        self.start_sidecar()
        self.expect_alerts_from_app()

    def test_alerts_come_from_a_user_s_workload_that_runs_already(self):
        self.create_app(user=USER)
        self.start_container("app")
        self.start_sidecar()
        self.expect_alerts_from_app(root=False)

    def test_alerts_come_from_a_root_workload_that_starts_later(self):
        self.create_app()
        self.start_sidecar()
        self.start_container("app")
        self.expect_alerts_from_app()

    def test_alerts_come_from_a_user_s_workload_that_starts_later(self):
        self.create_app(user=USER)
        self.start_sidecar()
        self.start_container("app")
        self.expect_alerts_from_app(root=False)

    def test_a_container_that_joins_late_is_attached_and_named(self):
        self.start_sidecar()
        self.create_app("late", ("sh", "-c", ATTACH_LATENCY + """
            until [ -e /task/named ]; do
              cat /etc/hostname
              sleep 0.1
            done
            """ + SIMULATE_ALL + "; exec sleep 600", "sh",
            str(self.filters_of("pause"))))
        self.start_container("late")
        self.report_latency("a late container")
        records = wait_for("its events arrive", lambda: [
            record for record in self.events_of("late")
            if "file_open" in record["event"]])
        first = min(int(record["event"]["time_ns"]) for record in records)
        started = min(int(record["process"]["start_time_ns"])
                      for record in records)
        print(f"its first event: {(first - started) / 1e6:.0f} ms after its "
              "start", flush=True)
        self.assertLess(first - started, 5e9)
        # The metadata endpoint is asked again when it did not know of it.
        wait_for("its name is known",
                 lambda: self.events("container.name=late"))
        (self.task_folder / "named").touch()
        self.await_alerts("late", simulated_rules())
        for alert in self.alerts():
            self.assertEqual(container_of(alert["event"])["name"], "late")

    def test_an_exec_session_that_joins_late_is_attached(self):
        self.create_app()
        self.start_container("app")
        self.start_sidecar()
        self.await_attached("app")
        session = self.execute(
            "app", "sh", "-c", ATTACH_LATENCY + SIMULATE_ALL, "sh",
            str(self.filters_of("pause")))
        output = session.communicate(timeout=PATIENCE)[0]
        self.assertEqual(session.returncode, 0, output)
        self.await_alerts("app", simulated_rules())
        self.report_latency("an exec session")


if __name__ == "__main__":
    lab.main()
