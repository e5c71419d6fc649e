"""A pod on EKS with Fargate: no capability can be added to the sidecar."""

import unittest

import lab
from harness import wait_for
from task import (TOOLS, USER, WHEN_TOLD, TaskTest, setUpModule,
                  simulated_rules, tearDownModule)

POD = ("KUBERNETES_SERVICE_HOST=10.0.0.1", "POD_NAME=web-0",
       "POD_NAMESPACE=shop", "POD_SERVICE_ACCOUNT=web")
SIMULATE = (f"{TOOLS}/gatewatch", "simulate", "--all")
LAUNCHED = (f"{TOOLS}/gatewatch-launch", "--", "sh", "-c", WHEN_TOLD, "sh",
            *SIMULATE)
# Runtimes may refuse what a launcher would do with them.
AVOIDABLE = ("close_range", "unshare")


class EksPodTest(TaskTest):
    def setUp(self):
        super().setUp()
        self.start_pause()

    def start_sidecar(self, user="0:0"):
        self.create_sidecar(capabilities=(), environment=POD,
                            options=("--user", user))
        self.start_container("sidecar")
        wait_for("the agent is connected", self.coverage)

    def expect_alerts(self, root):
        self.tell()
        self.assertEqual(self.status_told(), 0, self.output_of("app"))
        # An agent of another user than root has no CAP_NET_RAW.
        self.await_alerts("app", simulated_rules(root, packet=root))
        for alert in self.alerts():
            workload = alert["event"]["workload"]
            self.assertEqual(workload["pod"], "web-0")
            self.assertEqual(workload["namespace"], "shop")

    def expect_alerts_when_launched(self, user, **more):
        self.create_app(command=LAUNCHED, user=user, **more)
        self.start_sidecar(user)
        self.start_container("app")
        self.expect_alerts(user == "0:0")
        self.assertNotIn("unobserved", self.output_of("app"))

    def test_alerts_come_from_a_launched_root_workload(self):
        self.expect_alerts_when_launched("0:0")

    def test_alerts_come_from_a_launched_workload_of_the_sidecar_s_user(self):
        self.expect_alerts_when_launched(USER)

    def test_the_launcher_makes_do_with_a_stricter_seccomp_profile(self):
        self.expect_alerts_when_launched("0:0", denied=AVOIDABLE)

    def test_a_workload_of_the_sidecar_s_user_is_attached_to(self):
        self.create_app(user=USER)
        self.start_container("app")
        self.start_sidecar(USER)
        self.await_attached("app")
        self.expect_alerts(root=False)

    def test_a_workload_of_another_user_is_named_with_the_reason(self):
        self.create_app(user="1001:1001")
        self.start_container("app")
        self.start_sidecar(USER)
        roots = wait_for("the attempt is reported",
                         lambda: self.roots_in("app"))
        self.assertNotIn("method", roots[0])
        self.assertRegex(roots[0]["reason"], "not permitted|may not")


if __name__ == "__main__":
    lab.main()
