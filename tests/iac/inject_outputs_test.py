#!/usr/bin/env python3
"""What `gatewatch inject` makes, judged by those who are to read it: cfn-lint,
AWS's own model of the ECS API, and the schema of Kubernetes."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import botocore.session
import botocore.validate
import kubernetes_validate
import yaml

GATEWATCH = os.path.join(os.environ["GATEWATCH_BIN"], "gatewatch")
DATA = pathlib.Path(os.environ["GATEWATCH_SOURCE"], "tests/iac/data")
EXAMPLES = DATA.parent.parent.parent / "task-definitions" / "ecs"
IMAGE = "registry.example/gatewatch-agent@sha256:" + "0" * 64
AGENT = ("--image", IMAGE, "--report-to", "analyzer.internal:7443")
LAUNCH = ("--mode", "launch", "--image-config", str(DATA / "images.json"))
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:tls-AbCdEf"
ECS_SECRET = ("--secret", f"GATEWATCH_TLS_KEY_PEM={ARN}")
POD_SECRET = ("--secret", "GATEWATCH_TLS_KEY_PEM=tls/key.pem")
MODES = ((), LAUNCH)


def gatewatch(*arguments):
    return subprocess.run([GATEWATCH, *map(str, arguments)],
                          capture_output=True, timeout=60, check=False)


def injected(path, *options):
    agent = () if "--image" in options else AGENT
    result = gatewatch("inject", path, *agent, *options)
    assert result.returncode == 0, result.stderr.decode()
    return result.stdout.decode()


class Outputs(unittest.TestCase):
    def test_cloudformation_passes_cfn_lint(self):
        lint = os.path.join(os.path.dirname(sys.executable), "cfn-lint")
        for name in ("template.yaml", "template.json"):
            for mode in MODES:
                with self.subTest(name=name, mode=mode), \
                        tempfile.TemporaryDirectory() as folder:
                    path = pathlib.Path(folder, name)
                    path.write_text(injected(DATA / name, *ECS_SECRET, *mode),
                                    encoding="utf-8")
                    judged = subprocess.run(
                        [sys.executable, lint, "--regions", "eu-west-1",
                         "--", str(path)],
                        capture_output=True, text=True, timeout=300,
                        check=False)
                    self.assertEqual(judged.returncode, 0, judged.stdout)

    def test_task_definitions_are_what_the_ecs_api_takes(self):
        model = botocore.session.get_session().get_service_model("ecs")
        shape = model.operation_model("RegisterTaskDefinition").input_shape
        validator = botocore.validate.ParamValidator()
        known = set(shape.members)
        for mode in MODES:
            with self.subTest(mode=mode):
                task = json.loads(
                    injected(DATA / "task.json", *ECS_SECRET, *mode))
                report = validator.validate(task, shape)
                self.assertFalse(report.has_errors(),
                                 report.generate_report())
                # The validator passes over keys that it does not know.
                self.assertLessEqual(set(task), known)
                container = shape.members["containerDefinitions"].member
                for definition in task["containerDefinitions"]:
                    self.assertLessEqual(set(definition),
                                         set(container.members))

    def test_the_examples_hold_the_container_that_is_inserted(self):
        for name, mode in (("fargate-attach", ()), ("fargate-launch", LAUNCH)):
            with self.subTest(name=name), \
                    tempfile.TemporaryDirectory() as folder:
                text = (EXAMPLES / f"{name}.json").read_text(encoding="utf-8")
                task = json.loads(text)
                ours = task["containerDefinitions"].pop()
                self.assertEqual(ours["name"], "gatewatch-agent")
                task["containerDefinitions"] = [
                    {"name": "web", "image": "i", "entryPoint": ["web"]}]
                task["volumes"] = []
                path = pathlib.Path(folder, "task.json")
                path.write_text(json.dumps(task), encoding="utf-8")
                secrets = [word for secret in ours["secrets"] for word in
                           ("--secret",
                            f"{secret['name']}={secret['valueFrom']}")]
                made = json.loads(
                    injected(path, "--image", ours["image"], "--report-to",
                             ours["environment"][0]["value"], *secrets,
                             *mode))["containerDefinitions"][-1]
                made["environment"] = [
                    variable for variable in made["environment"]
                    if variable["name"] != "GATEWATCH_INJECTED"]
                del ours["logConfiguration"]  # inject's is the application's
                self.assertEqual(made, ours)

    def test_manifests_pass_kubernetes_validate_strictly(self):
        for mode in MODES:
            text = injected(DATA / "manifests.yaml", *POD_SECRET, *mode)
            for manifest in yaml.safe_load_all(text):
                with self.subTest(mode=mode, kind=manifest["kind"]):
                    kubernetes_validate.validate(manifest, "1.31", strict=True)


class Command(unittest.TestCase):
    """The command itself, on files in a folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name, "task.json")
        shutil.copy(DATA / "task.json", self.path)
        self.path.chmod(0o640)
        self.before = self.path.read_bytes()

    def run_inject(self, *options):
        return gatewatch("inject", self.path, *AGENT, *options)

    def test_check_tells_drift_by_its_exit_status(self):
        self.assertEqual(self.run_inject("--check").returncode, 1)
        self.assertEqual(self.path.read_bytes(), self.before)
        self.assertEqual(self.run_inject("--in-place").returncode, 0)
        self.assertEqual(self.run_inject("--check").returncode, 0)
        changed = self.run_inject("--check", "--env", "GATEWATCH_DNS=no")
        self.assertEqual(changed.returncode, 1)

    def test_remove_restores_the_file_and_its_mode(self):
        self.assertEqual(self.run_inject("--in-place").returncode, 0)
        self.assertNotEqual(self.path.read_bytes(), self.before)
        removed = gatewatch("inject", self.path, "--remove", "--in-place")
        self.assertEqual(removed.returncode, 0, removed.stderr)
        self.assertEqual(self.path.read_bytes(), self.before)
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o640)

    def test_patch_makes_the_result_of_the_diff(self):
        if shutil.which("patch") is None:
            self.skipTest("patch is not installed")
        diff = self.run_inject("--diff").stdout
        wanted = self.run_inject().stdout
        subprocess.run(["patch", "--quiet", str(self.path)], input=diff,
                       timeout=60, check=True)
        self.assertEqual(self.path.read_bytes(), wanted)

    def test_every_edit_is_told(self):
        told = self.run_inject("--diff").stderr.decode()
        for what in ("web starts after the agent", "pidMode is task",
                     "container gatewatch-agent"):
            self.assertIn(what, told)

    def test_a_wrong_file_is_refused_and_left_as_it_is(self):
        self.path.write_text('{"a": $NAME}\n')
        refused = self.run_inject("--in-place")
        self.assertEqual(refused.returncode, 2)
        self.assertIn(f"{self.path}:1:7: ", refused.stderr.decode())
        self.assertEqual(self.path.read_text(), '{"a": $NAME}\n')

    def test_usage_errors_say_what_is_missing(self):
        refused = gatewatch("inject", self.path)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("--image", refused.stderr.decode())
        two = gatewatch("inject", self.path, self.path, *AGENT)
        self.assertEqual(two.returncode, 2)

    def test_an_oci_layout_tells_what_an_image_runs(self):
        layout = self.path.parent / "layout"
        blobs = layout / "blobs" / "sha256"
        blobs.mkdir(parents=True)

        def blob(digit, content):
            (blobs / (digit * 64)).write_text(json.dumps(content))
            return {"digest": "sha256:" + digit * 64}

        config = blob("1", {"architecture": "amd64",
                            "config": {"Entrypoint": ["/from-layout"]}})
        manifest = blob("2", {"config": config})
        index = blob("3", {"manifests": [manifest]})
        (layout / "index.json").write_text(json.dumps({"manifests": [index]}))
        result = self.run_inject("--mode", "launch", "--oci-layout",
                                 f"nginx:1={layout}")
        self.assertEqual(result.returncode, 0, result.stderr)
        web = json.loads(result.stdout)["containerDefinitions"][0]
        self.assertEqual(web["entryPoint"], [
            "/opt/gatewatch/gatewatch-launch", "--", "/from-layout"])


if __name__ == "__main__":
    unittest.main()
