"""An ECS task on Fargate: the sidecar has SYS_PTRACE, and nothing else is
changed for it."""

import unittest

import lab
from harness import wait_for
from task import (ATTACH_LATENCY, TASK_ARN, USER, TaskTest, container_of,
                  setUpModule, simulated_rules, tearDownModule)


class EcsTaskTest(TaskTest):
    def setUp(self):
        super().setUp()
        self.start_pause()
        self.start_metadata_endpoint()

    def start_sidecar(self):
        self.create_sidecar(environment=self.ecs_environment())
        self.start_container("sidecar")
        wait_for("the agent is connected", self.coverage)

    def expect_alerts_from_app(self):
        self.await_attached("app")
        self.tell()
        self.assertEqual(self.status_told(), 0, self.output_of("app"))
        self.await_alerts("app", simulated_rules())
        for alert in self.alerts():
            record = alert["event"]
            self.assertEqual(record["workload"]["task_arn"], TASK_ARN)
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
        self.expect_alerts_from_app()

    def test_alerts_come_from_a_root_workload_that_starts_later(self):
        self.create_app()
        self.start_sidecar()
        self.start_container("app")
        self.expect_alerts_from_app()

    def test_alerts_come_from_a_user_s_workload_that_starts_later(self):
        self.create_app(user=USER)
        self.start_sidecar()
        self.start_container("app")
        self.expect_alerts_from_app()


if __name__ == "__main__":
    lab.main()
