"""The examples of task-definitions/ are what AWS and Kubernetes accept: by the
API model that AWS publishes, by a server that plays ECS, and by Kubernetes'
own schemas."""

import json
import os
import pathlib
import unittest

import boto3
import kubernetes_validate
import yaml
from moto.server import ThreadedMotoServer

EXAMPLES = pathlib.Path(os.environ["GATEWATCH_SOURCE"]) / "task-definitions"
ACCOUNT = {"region_name": "eu-central-1", "aws_access_key_id": "test",
           "aws_secret_access_key": "test"}


class EcsTest(unittest.TestCase):
    """botocore checks each call against its model before it sends it."""

    def setUp(self):
        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
        self.server.start()
        self.addCleanup(self.server.stop)
        host, port = self.server.get_host_and_port()
        self.endpoint = f"http://{host}:{port}"
        self.ecs = self.client("ecs")

    def client(self, service):
        return boto3.client(service, endpoint_url=self.endpoint, **ACCOUNT)

    def examples(self, services):
        for path in sorted((EXAMPLES / "ecs").glob("*.json")):
            content = json.loads(path.read_text())
            if ("serviceName" in content) == services:
                yield path.name, content

    def register_all(self):
        return {name: self.ecs.register_task_definition(**definition)
                for name, definition in self.examples(services=False)}

    def test_each_task_definition_registers_as_it_is(self):
        registered = self.register_all()
        self.assertGreaterEqual(len(registered), 6)
        for name, answer in registered.items():
            with self.subTest(name):
                self.assertEqual(answer["taskDefinition"]["status"], "ACTIVE")

    def test_each_service_is_created(self):
        self.register_all()
        network = self.make_network()
        for name, service in self.examples(services=True):
            with self.subTest(name):
                self.ecs.create_cluster(clusterName=service["cluster"])
                if "networkConfiguration" in service:
                    # An account's own: the one thing that has to be put in.
                    service["networkConfiguration"]["awsvpcConfiguration"] \
                        .update(network)
                made = self.ecs.create_service(**service)["service"]
                self.assertEqual(made["serviceName"], service["serviceName"])

    def make_network(self):
        ec2 = self.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")
        group = ec2.create_security_group(
            GroupName="analyzer", Description="analyzer", VpcId=vpc)
        return {"subnets": [subnet["Subnet"]["SubnetId"]],
                "securityGroups": [group["GroupId"]]}


class EksTest(unittest.TestCase):
    def test_each_manifest_passes_strictly(self):
        seen = 0
        for path in sorted((EXAMPLES / "eks").rglob("*.yaml")):
            if path.name == "kustomization.yaml":
                continue
            for manifest in yaml.safe_load_all(path.read_text()):
                with self.subTest(path.name):
                    kubernetes_validate.validate(manifest, "1.33", strict=True)
                    seen += 1
        self.assertGreaterEqual(seen, 8)

    def test_each_kustomization_names_every_file_beside_it(self):
        for path in (EXAMPLES / "eks").rglob("kustomization.yaml"):
            named = set(yaml.safe_load(path.read_text())["resources"])
            self.assertEqual(named, {
                other.name for other in path.parent.glob("*.yaml")
                if other != path})


if __name__ == "__main__":
    unittest.main(verbosity=2)
