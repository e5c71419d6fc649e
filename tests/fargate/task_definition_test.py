"""The examples of task-definitions/ run as they stand: an application that
knows of nothing, the sidecar, and the analyzer on a host of its own, over TLS.
"""

import os
import subprocess
import unittest

import lab
from declared import DeclaredTask, read
from declared_pod import read_pod, task_of
from harness import BIN, SOURCE, wait_for
from lab import podman
from task import TOOLS, TaskTest, setUpModule, simulated_rules, tearDownModule

ANALYZER_NAME = "analyzer.gatewatch.internal"
ANALYZER_SERVICE = "analyzer.gatewatch.svc.cluster.local"
# Of the two test hosts, each a network namespace.
ANALYZER_ADDRESS, TASK_ADDRESS = "10.99.0.1", "10.99.0.2"
SECRETS = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:gatewatch/"
# Waits until it is told to go on, attacks itself, and stays.
WEB = f"""#!/bin/sh
read -r go </task/go
LD_LIBRARY_PATH={TOOLS}/lib {TOOLS}/gatewatch simulate --all
echo $? >/task/status
trap 'exit 0' TERM
while :; do sleep 0.2; done
"""
DOCKERFILE = f"""
FROM {lab.IMAGE}
COPY --chmod=755 web /usr/local/bin/web
CMD ["/usr/local/bin/web"]
"""


def make_images(folder):
    command = [str(part) for part in lab.PODMAN]
    made = subprocess.run(
        [SOURCE / "scripts" / "make-images", BIN.parent.name],
        env=dict(os.environ, PODMAN=" ".join(command)))
    if made.returncode != 0:
        raise AssertionError("scripts/make-images failed")
    (folder / "web").write_text(WEB)
    (folder / "Dockerfile").write_text(DOCKERFILE)
    podman("build", "--quiet", "--network", "none", "--tag",
           "localhost/gatewatch-test-web", folder)


class TaskDefinitionTest(TaskTest):
    images_made = False

    def setUp(self):
        super().setUp()
        self.start_pause()
        self.start_metadata_endpoint()
        self.connect_hosts()
        self.make_go()

    def start_analyzer(self):
        """As a task on a host of its own."""
        if not TaskDefinitionTest.images_made:
            make_images(self.make_folder("image"))
            TaskDefinitionTest.images_made = True
        self.make_secrets()
        self.run_container("analyzer-host", "/pause", image=self.pause_image(),
                           options=("--network", "none"))
        self.namespaces = ["--network",
                           f"container:{self.prefix}analyzer-host"]
        self.analyzer = DeclaredTask(
            self, read("fargate-analyzer.json"),
            {"gatewatch-analyzer": "localhost/gatewatch-analyzer"},
            self.secrets)
        self.analyzer.start()
        self.address = f"unix:{self.analyzer.folder_of('run')}/analyzer.sock"
        self.analyzer.await_condition("gatewatch-analyzer", "HEALTHY")
        self.namespaces = []
        self.task["Containers"].clear()

    def make_secrets(self):
        """What an installation keeps in Secrets Manager."""
        folder = self.folder / "certs"
        for arguments in (
                ("init",),
                ("issue", "--role", "analyzer", "--dns", ANALYZER_NAME,
                 "--dns", ANALYZER_SERVICE),
                ("issue", "--role", "agent", "--name", "shop-web/*",
                 "--out", "agent")):
            done = self.gatewatch("certs", *arguments, folder)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.secrets = {SECRETS + file.stem: file.read_text()
                        for file in folder.iterdir()}
        self.secrets["gatewatch-agent-tls"] = {
            "tls.crt": (folder / "agent.pem").read_text(),
            "tls.key": (folder / "agent-key.pem").read_text(),
            "ca.crt": (folder / "ca.pem").read_text()}

    def connect_hosts(self):
        ends = (("analyzer-host", ANALYZER_ADDRESS), ("pause", TASK_ADDRESS))
        pids = [str(self.pid_of(name)) for name, _ in ends]
        subprocess.run(
            ["ip", "link", "add", "uplink", "netns", pids[0], "type", "veth",
             "peer", "name", "uplink", "netns", pids[1]], check=True)
        for pid, (_, address) in zip(pids, ends):
            inside = ["nsenter", "--target", pid, "--net", "ip"]
            subprocess.run([*inside, "address", "add", f"{address}/24", "dev",
                            "uplink"], check=True)
            subprocess.run([*inside, "link", "set", "uplink", "up"],
                           check=True)

    def start_task(self, definition, platform):
        hosts = self.folder / "hosts"
        hosts.write_text(f"127.0.0.1 localhost\n"
                         f"{ANALYZER_ADDRESS} {ANALYZER_NAME} "
                         f"{ANALYZER_SERVICE}\n")
        variables = [part for variable in platform
                     for part in ("--env", variable)]
        options = ("--volume", f"{hosts}:/etc/hosts:ro", *variables)
        declared = DeclaredTask(
            self, definition,
            {"gatewatch-agent": "localhost/gatewatch-agent",
             "shop/web": "localhost/gatewatch-test-web"}, self.secrets,
            {container["name"]: options
             for container in definition["containerDefinitions"]})
        declared.start()
        wait_for("the agent is connected", self.coverage)
        return declared

    def attack(self, **seen):
        self.tell()
        self.assertEqual(self.status_told(), 0, self.output_of("web"))
        self.await_alerts("web", simulated_rules(root=False, **seen))

    def expect_nothing_lost(self):
        """Of an agent that ended as it should."""
        agent = wait_for("the agent is gone", lambda: [
            agent for agent in self.agents() if not agent.get("connected")])[0]
        self.assertEqual(int(agent.get("lost", 0)), 0, agent)
        self.assertEqual(int(agent.get("unclean_ends", 0)), 0, agent)
        exits = self.events("evt.kind=exit and proc.name=web")
        self.assertTrue(exits, "the end of the application was not told")

    def start_example(self, example):
        return self.start_task(read(example), self.ecs_environment())

    def expect_alerts(self, declared, attached, **seen):
        if attached:
            self.await_attached("web")
        self.attack(**seen)
        declared.stop()
        self.assertEqual(self.exit_status("gatewatch-agent"), 0)
        self.expect_nothing_lost()

    def test_the_attaching_sidecar_alerts_and_loses_nothing(self):
        self.expect_alerts(self.start_example("fargate-attach.json"),
                           attached=True)

    def test_the_sidecar_that_is_waited_for_alerts_and_loses_nothing(self):
        self.expect_alerts(self.start_example("fargate-attach-healthy.json"),
                           attached=True)

    def test_the_launched_application_alerts_and_loses_nothing(self):
        # Without SYS_PTRACE, root may not open what another user executes.
        self.expect_alerts(self.start_example("fargate-launch.json"),
                           attached=False, hashes=False)

    def test_the_pod_on_fargate_alerts_and_loses_nothing(self):
        pod = task_of(read_pod("fargate-launch.yaml"))
        self.expect_alerts(
            self.start_task(pod, ["KUBERNETES_SERVICE_HOST=10.0.0.1"]),
            attached=False, packet=False)
        for alert in self.alerts():
            workload = alert["event"]["workload"]
            self.assertEqual(workload["pod"], "web-0")
            self.assertEqual(workload["namespace"], "shop")

    def test_a_killed_agent_leaves_the_application_and_is_alerted(self):
        self.start_example("fargate-attach.json")
        self.await_attached("web")
        podman("kill", "--signal", "KILL", self.prefix + "gatewatch-agent")
        self.assertEqual(self.exit_status("gatewatch-agent"), 137)
        self.tell()
        self.assertEqual(self.status_told(), 0, self.output_of("web"))
        self.assertTrue(self.runs("web"))
        # After a minute, in which it might have come back.
        wait_for("the agent's end is alerted", lambda: [
            alert for alert in self.alerts()
            if alert["rule"] == "Agent silent"], patience=180)


if __name__ == "__main__":
    lab.main()
