"""gatewatch lint as CI calls it: statuses, baselines, SARIF against its schema.

Run with the interpreter of build/test-tools (scripts/install-test-tools).
"""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

import pydantic
# Generated from sarif-schema-2.1.0.json; permits nothing that is not in it.
from pydantic_sarif.model import (
    StaticAnalysisResultsFormatSarifVersion210JsonSchema as Schema)

BIN = pathlib.Path(os.environ["GATEWATCH_BIN"])
SOURCE = pathlib.Path(os.environ["GATEWATCH_SOURCE"])
DATA = SOURCE / "tests/data/lint"
HOST_PID = "GWL004-host-pid"


class LintTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def lint(self, *arguments, text=None):
        return subprocess.run(
            [BIN / "gatewatch", "lint", *map(str, arguments)], input=text,
            capture_output=True, text=True, timeout=60, check=False)

    def test_the_status_tells_findings_from_what_cannot_be_read(self):
        bad = DATA / HOST_PID / "bad.task.json"
        only = ("--only", "host-pid")
        self.assertEqual(self.lint(*only, bad).returncode, 1)
        self.assertEqual(
            self.lint(*only, "--fail-on", "critical", bad).returncode, 0)
        good = DATA / HOST_PID / "good.task.json"
        self.assertEqual(self.lint(*only, good).returncode, 0)
        broken = self.folder / "broken.json"
        broken.write_text('{"containerDefinitions": [')
        result = self.lint(*only, bad, broken, self.folder / "gone.json")
        self.assertEqual(result.returncode, 2)
        self.assertIn("GWL004", result.stdout)  # the rest is linted
        self.assertIn("broken.json:1:", result.stdout)
        self.assertIn("gone.json", result.stdout)
        (self.folder / "broken.json").write_text("{}")
        self.assertEqual(self.lint(broken).returncode, 2)  # nothing to lint
        self.assertEqual(self.lint("--only", "GWL099", bad).returncode, 2)

    def test_the_standard_input_is_linted(self):
        text = (DATA / HOST_PID / "bad.k8s.yaml").read_text()
        result = self.lint("--only", "GWL004", "-", text=text)
        self.assertEqual(result.returncode, 1)
        self.assertIn("-:", result.stdout)

    def test_folders_are_walked_but_for_what_others_wrote(self):
        bad = DATA / HOST_PID / "bad.k8s.yaml"
        for name in ("a/b", ".git", "node_modules/x", "vendor"):
            (self.folder / name).mkdir(parents=True)
            shutil.copy(bad, self.folder / name / "pod.yaml")
        (self.folder / "README.md").write_text("# read me\n")
        result = self.lint("-o", "json", "--only", "GWL004", self.folder)
        lines = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertEqual([line["file"] for line in lines[:-1]],
                         [str(self.folder / "a/b/pod.yaml")])
        self.assertEqual(lines[-1]["linted"], 1)
        self.assertEqual(lines[-1]["skipped"], 1)
        self.assertEqual(
            {pathlib.Path(path).name for path in lines[-1]["left_out"]},
            {".git", "node_modules", "vendor"})

    def test_a_baseline_silences_what_was_there_and_nothing_else(self):
        pod = self.folder / "pod.yaml"
        shutil.copy(DATA / HOST_PID / "bad.k8s.yaml", pod)
        baseline = self.folder / "known.baseline"
        self.assertEqual(
            self.lint("--write-baseline", baseline, pod).returncode, 0)
        self.assertEqual(self.lint("--baseline", baseline, pod).returncode, 0)
        pod.write_text("# moved down\n" + pod.read_text().replace(
            "hostPID: true", "hostPID: true\n      hostIPC: true"))
        result = self.lint("-o", "json", "--baseline", baseline, pod)
        self.assertEqual(result.returncode, 1)
        lines = [json.loads(line) for line in result.stdout.splitlines()[:-1]]
        self.assertEqual([line["check"] for line in lines
                          if line["state"] == "open"], ["GWL006"])
        baseline.write_text("[]")
        self.assertEqual(self.lint("--baseline", baseline, pod).returncode, 2)

    def test_sarif_of_all_test_data_validates_against_its_schema(self):
        (self.folder / "broken.json").write_text('{"containerDefinitions":')
        result = self.lint("--format", "sarif", DATA, self.folder)
        self.assertEqual(result.returncode, 2)
        log = json.loads(result.stdout)
        self.assertGreater(len(log["runs"][0]["results"]), 500)
        Schema.model_validate(log)
        # The validation is worth something.
        log["runs"][0]["results"][0]["level"] = "severe"
        with self.assertRaises(pydantic.ValidationError):
            Schema.model_validate(log)

    def test_our_own_examples_have_nothing_severe(self):
        result = self.lint("--fail-on", "high", SOURCE / "task-definitions")
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_junit_is_xml_with_a_suite_for_each_file(self):
        result = self.lint("--format", "junit", DATA / HOST_PID)
        root = xml.etree.ElementTree.fromstring(result.stdout)
        self.assertEqual(root.tag, "testsuites")
        for suite in root:
            self.assertEqual(len(suite), int(suite.get("tests")))
            self.assertEqual(len(suite.findall("*/failure")),
                             int(suite.get("failures")))


if __name__ == "__main__":
    unittest.main()
