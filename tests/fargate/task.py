"""A task or pod of real containers, with the agent as its sidecar."""

import json
import os
import pathlib
import subprocess
import time

import lab
from harness import BIN, GatewatchTest, wait_for
from lab import podman
from metadata_endpoint import ADDRESS, MetadataEndpoint

TASK_ID = "0af3b1c2d4e5f60718293a4b5c6d7e8f"
TASK_ARN = f"arn:aws:ecs:eu-central-1:123456789012:task/shop/{TASK_ID}"
# An account of the image that is not root, and the one without privileges.
USER = "1000:1000"
TOOLS = "/opt/tools"
# Waits until it is told to go on, in a call that attaching interrupts, then
# runs its arguments and stays.
WHEN_TOLD = 'read -r go </task/go; "$@"; echo $? >/task/status; exec sleep 600'
# Prints how long after its own start it came under a further filter, in ticks
# of 10 ms. Starts no process, which would be looked for as well.
ATTACH_LATENCY = """
filters() {
  while read -r key value; do
    if [ "$key" = Seccomp_filters: ]; then count=$value; fi
  done </proc/self/status
}
until filters; [ "$count" -gt "$1" ]; do :; done
read -r seconds rest </proc/uptime
read -r stat </proc/self/stat
set -- ${stat##*) }
shift 19
echo $((${seconds%.*}${seconds#*.} - $1)) >/task/latency
"""


class TaskTest(GatewatchTest):
    """Containers are named for what they are to the task: "pause", "app",
    "sidecar" …; those that share the task's folder have it as /task."""

    def setUp(self):
        super().setUp()
        self.folder.chmod(0o755)
        self.task_folder = self.make_folder("task")
        self.analyzer_folder = self.make_folder("analyzer")
        self.address = f"unix:{self.analyzer_folder}/socket"
        self.prefix = f"{self.folder.name}-"
        self.task = {
            "Cluster": "shop", "TaskARN": TASK_ARN, "Family": "web",
            "Revision": "7", "ServiceName": "storefront",
            "LaunchType": "FARGATE", "AvailabilityZone": "eu-central-1a",
            "Containers": []}
        self.namespaces = []
        self.start_analyzer()

    def start_analyzer(self):
        super().start_analyzer()
        (self.analyzer_folder / "socket").chmod(0o777)

    def make_folder(self, name):
        folder = self.folder / name
        folder.mkdir()
        folder.chmod(0o777)
        return folder

    # Containers.

    def create(self, name, *command, options=(), capabilities=(), denied=(),
               image=lab.IMAGE, kept=None):
        """Makes a container as Fargate would, and does not start it. A path
        as the image is a root file system. `capabilities` come to the usual
        ones, `kept` is all that there are."""
        denied = lab.ADMIN_CALLS | set(denied)
        if "SYS_PTRACE" not in capabilities:
            denied |= lab.TRACER_CALLS
        profile = lab.seccomp_profile(self.folder, denied)
        source = ([image] if isinstance(image, str)
                  else ["--read-only", "--rootfs", image])
        created = podman(
            "create", "--name", self.prefix + name,
            "--ulimit", "nofile=1024:4096", "--ulimit", "nproc=1000:1000",
            "--security-opt", f"seccomp={profile}",
            *capability_options(capabilities, kept),
            "--volume", f"{self.task_folder}:/task",
            "--volume", f"{LAB.tools}:{TOOLS}:ro",
            *self.namespaces, *options, *source, *command)
        self.addCleanup(self.remove, name)
        identity = created.stdout.strip()
        self.task["Containers"].append({
            "DockerId": identity, "Name": name, "Image": f"shop/{name}:1",
            "ImageID": "sha256:" + "ab" * 32})
        return identity

    def start_container(self, name):
        podman("start", self.prefix + name)

    def run_container(self, name, *command, **options):
        self.create(name, *command, **options)
        self.start_container(name)

    def remove(self, name):
        if os.environ.get("GATEWATCH_SHOW_LOGS"):
            print(f"--- {name}\n" + self.output_of(name))
        podman("rm", "--force", "--time", "0", "--ignore", self.prefix + name)

    def inspect(self, name, what):
        return podman("inspect", "--format", "{{" + what + "}}",
                      self.prefix + name).stdout.strip()

    def pid_of(self, name):
        """Of its first process, as this host numbers it."""
        return int(self.inspect(name, ".State.Pid"))

    def runs(self, name):
        return self.inspect(name, ".State.Running") == "true"

    def output_of(self, name):
        done = podman("logs", self.prefix + name, check=False)
        return done.stdout + done.stderr

    def exit_status(self, name):
        return int(podman("wait", self.prefix + name).stdout)

    # What a task consists of.

    def pause_image(self):
        return LAB.pause

    def start_pause(self):
        """Owns the task's namespaces, as ECS's /pause and Kubernetes'."""
        self.run_container("pause", "/pause", image=self.pause_image(),
                           options=("--network", "none"))
        self.share_namespaces_of("pause")

    def share_namespaces_of(self, name):
        """For the containers that are created from now on."""
        owner = self.prefix + name
        self.namespaces = ["--pid", f"container:{owner}",
                           "--network", f"container:{owner}"]

    def create_sidecar(self, *more, capabilities=("SYS_PTRACE",),
                       environment=(), name="sidecar", options=()):
        variables = [part for variable in environment
                     for part in ("--env", variable)]
        self.create(
            name, "/gatewatch/gatewatch-agent", "--analyzer",
            "unix:/analyzer/socket", *more, image=LAB.sidecar,
            capabilities=capabilities, options=(
                "--volume", f"{self.analyzer_folder}:/analyzer", *variables,
                *options))

    def start_metadata_endpoint(self, owner="pause"):
        endpoint = MetadataEndpoint(self.pid_of(owner), self.task)
        self.addCleanup(endpoint.close)

    def ecs_environment(self):
        return (f"ECS_CONTAINER_METADATA_URI_V4=http://{ADDRESS}/v4/"
                f"{TASK_ID}-1234567890", "AWS_REGION=eu-central-1",
                "AWS_EXECUTION_ENV=AWS_ECS_FARGATE")

    def create_app(self, name="app", command=None, user="0:0", options=(),
                   **more):
        """A container that waits for tell(), by default, and then performs
        every technique."""
        self.make_go()
        command = command or ("sh", "-c", WHEN_TOLD, "sh",
                              f"{TOOLS}/gatewatch", "simulate", "--all")
        self.create(name, *command, options=(
            "--user", user, "--env", f"LD_LIBRARY_PATH={TOOLS}/lib",
            *options), **more)

    def make_go(self):
        """What tell() tells through."""
        fifo = self.task_folder / "go"
        if not fifo.exists():
            os.mkfifo(fifo)
            fifo.chmod(0o666)

    def tell(self):
        """Lets whoever waits for it go on; waits until somebody does."""
        with open(self.task_folder / "go", "w") as go:
            go.write("go\n")

    def execute(self, name, *command, user="0:0"):
        """An exec session; returns at once."""
        process = subprocess.Popen(
            [*lab.PODMAN, "exec", "--user", user, self.prefix + name,
             *command],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(self.stop, process)
        return process

    # What came of it.

    def coverage(self):
        """What the agent says of the processes it tried to attach to."""
        listed = [agent for agent in self.agents() if agent.get("connected")]
        return listed[0].get("coverage", {}) if listed else {}

    def roots_in(self, name):
        identity = self.inspect(name, ".Id")
        return [root for root in self.coverage().get("roots", ())
                if root.get("container_id") == identity]

    def await_attached(self, name):
        return wait_for(f"{name} is attached", lambda: [
            root for root in self.roots_in(name)
            if root.get("method") == "attach"])

    def await_alerts(self, container, rules):
        """Until each of the rules has fired for this container."""
        identity = self.inspect(container, ".Id")

        def missing():
            return rules - {alert["rule"] for alert in self.alerts()
                            if container_of(alert["event"])["id"] == identity}
        try:
            wait_for("all alerts", lambda: not missing())
        except AssertionError:
            self.fail(f"no alert in {container}: {missing()}; its output: "
                      f"{self.output_of(container)}")

    def losses(self, reason):
        return [record for record in self.events("evt.kind=agent")
                if record["event"].get("loss", {}).get("reason") == reason]

    def status_told(self):
        """The exit status of what ran when it was told to."""
        status = self.task_folder / "status"
        wait_for("the command ends", lambda: status.exists() and
                 status.read_text().endswith("\n"))
        return int(status.read_text())

    def events_of(self, name):
        """The field is as long as container tools print it."""
        return self.events("container.id=" + self.inspect(name, ".Id")[:12])

    def filters_of(self, name):
        status = pathlib.Path(f"/proc/{self.pid_of(name)}/status").read_text()
        return int(status.split("Seccomp_filters:")[1].split()[0])

    def report_latency(self, what):
        path = self.task_folder / "latency"
        wait_for("the latency is known", lambda: path.exists() and
                 path.read_text().endswith("\n"))
        print(f"{what}: attached {int(path.read_text()) * 10} ms "
              "(within 10 ms) after its start", flush=True)


def capability_options(added, kept):
    if kept is None:
        return ("--cap-add", ",".join((*lab.CAPABILITIES, *added)))
    return ("--cap-drop", "ALL",
            *(("--cap-add", ",".join(sorted(kept))) if kept else ()))


def container_of(record):
    return record.get("container", {})


# What simulating takes root for: a service's port, another's folder.
ROOT_ALONE = {"Name resolved to the metadata address",
              "Service account token read by a tool"}
# What takes looking into an executable of the container.
HASHES = {"Known malicious file executed",
          "File of the custom threat list executed"}


def simulated_rules(root=True, packet=True, hashes=True):
    """The rules that must fire when every technique is simulated in a
    container: by root or not, seen by a sidecar that may look at packets and
    into executables, or may not."""
    listed = subprocess.run(
        [BIN / "gatewatch", "simulate", "list", "-o", "json"],
        capture_output=True, text=True, check=True)
    simulations = [json.loads(line) for line in listed.stdout.splitlines()]
    unseen = {"unconfined"} | (set() if packet else {"packet"})
    rules = {simulation["rule"] for simulation in simulations
             if simulation["needs"] not in unseen}
    return rules - (set() if root else ROOT_ALONE) - (
        set() if hashes else HASHES)


def setUpModule():
    global LAB
    LAB = lab.Lab()


def tearDownModule():
    LAB.close()
