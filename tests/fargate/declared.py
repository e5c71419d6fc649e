"""Runs a task definition as it stands in task-definitions/ecs/, of real containers.

What Fargate takes from the file is taken here: images, entry points, users,
capabilities, environment, secrets, volumes, read-only root file systems,
memory, dependencies, health checks and how long a container may take to stop.
What is AWS's alone (roles, logs, the platform's version) has no meaning here.
"""

import json
import pathlib

from harness import SOURCE, wait_for
from lab import podman

EXAMPLES = SOURCE / "task-definitions" / "ecs"
# Docker's default set, which Fargate's is.
DEFAULT_CAPABILITIES = {
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL",
    "MKNOD", "NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETGID", "SETPCAP",
    "SETUID", "SYS_CHROOT"}
# What Fargate takes of an "add", on ECS; and how long it waits for a container.
ADDABLE = {"SYS_PTRACE"}
STOP_TIMEOUT = 30


def read(name):
    return json.loads((EXAMPLES / name).read_text())


def capabilities_of(container):
    wanted = container.get("linuxParameters", {}).get("capabilities", {})
    added, dropped = set(wanted.get("add", ())), set(wanted.get("drop", ()))
    if not added <= ADDABLE:
        raise AssertionError(f"Fargate refuses {added - ADDABLE}")
    kept = set() if "ALL" in dropped else DEFAULT_CAPABILITIES - dropped
    return kept | added


class DeclaredTask:
    """`images` says which image stands for the repository that a container
    names (its path, without registry and digest); `secrets` what each ARN
    holds; `options` what podman is told besides, by container."""

    def __init__(self, test, definition, images, secrets=None, options=None):
        self.test = test
        self.definition = definition
        self.images = images
        self.secrets = secrets or {}
        self.options = options or {}
        self.containers = {container["name"]: container for container
                           in definition["containerDefinitions"]}
        self.volumes = {volume["name"]: self.make_volume(volume)
                        for volume in definition.get("volumes", ())}
        self.started = []

    def make_volume(self, volume):
        """A volume of the task's own disk takes the owner and the content
        that the image has there; a file system that is attached is root's."""
        folder = self.test.folder / f"volume-{volume['name']}"
        if volume.get("configuredAtLaunch"):
            folder.mkdir(mode=0o755)
            return folder
        if "secret" in volume:  # Kubernetes' volumes
            folder.mkdir()
            for name, content in self.secrets[
                    volume["secret"]["secretName"]].items():
                (folder / name).write_text(content)
            return folder
        if "emptyDir" in volume:
            folder.mkdir()
            folder.chmod(0o777)
            return folder
        name = self.test.prefix + volume["name"]
        podman("volume", "create", name)
        self.test.addCleanup(podman, "volume", "rm", "--force", name)
        return name

    def folder_of(self, volume):
        """Where this host sees the volume."""
        shown = podman("volume", "inspect", "--format", "{{.Mountpoint}}",
                       self.volumes[volume])
        return pathlib.Path(shown.stdout.strip())

    # Starting.

    def start(self):
        for name in self.in_order():
            for needed in self.containers[name].get("dependsOn", ()):
                self.await_condition(needed["containerName"],
                                     needed["condition"])
            self.create(name)
            self.test.start_container(name)
            self.started.append(name)

    def in_order(self):
        """Each after those that it depends on."""
        order = []

        def add(name, path=()):
            if name in path:
                raise AssertionError(f"{name} depends on itself")
            for needed in self.containers[name].get("dependsOn", ()):
                add(needed["containerName"], (*path, name))
            if name not in order:
                order.append(name)

        for name in self.containers:
            add(name)
        return order

    def create(self, name):
        container = self.containers[name]
        capabilities = capabilities_of(container)
        entry = container.get("entryPoint")
        self.test.create(
            name, *container.get("command", ()),
            image=self.image_of(container), kept=capabilities,
            capabilities=capabilities & ADDABLE,
            options=(
                *(("--entrypoint", json.dumps(entry)) if entry else ()),
                *self.limits_of(container), *self.environment_of(container),
                *self.mounts_of(container), *self.options.get(name, ())))

    def image_of(self, container):
        repository = container["image"].split("@")[0].split("/", 1)[1]
        return self.images[repository]

    def limits_of(self, container):
        limits = ["--no-healthcheck"]
        if "user" in container:
            limits += ["--user", container["user"]]
        if container.get("readonlyRootFilesystem"):
            limits += ["--read-only", "--read-only-tmpfs=false"]
        if "memory" in container:
            limits += ["--memory", f"{container['memory']}m"]
        return limits

    def environment_of(self, container):
        values = {item["name"]: item["value"]
                  for item in container.get("environment", ())}
        for item in container.get("secrets", ()):
            values[item["name"]] = self.secrets[item["valueFrom"]]
        return [part for name, value in values.items()
                for part in ("--env", f"{name}={value}")]

    def mounts_of(self, container):
        mounts = []
        for mount in container.get("mountPoints", ()):
            source = self.volumes[mount["sourceVolume"]]
            mode = "ro" if mount.get("readOnly") else "rw"
            mounts += ["--volume", f"{source}:{mount['containerPath']}:{mode}"]
        for tmpfs in container.get("linuxParameters", {}).get("tmpfs", ()):
            mounts += ["--tmpfs",
                       f"{tmpfs['containerPath']}:size={tmpfs['size']}m"]
        return mounts

    # What containers wait for.

    def await_condition(self, name, condition):
        if condition == "HEALTHY":
            wait_for(f"{name} is healthy", lambda: self.is_healthy(name))
        elif condition in ("COMPLETE", "SUCCESS"):
            status = self.test.exit_status(name)
            if condition == "SUCCESS" and status != 0:
                raise AssertionError(f"{name} ended with {status}: "
                                     + self.test.output_of(name))

    def is_healthy(self, name):
        kind, *command = self.containers[name]["healthCheck"]["command"]
        if kind == "CMD-SHELL":
            command = ["/bin/sh", "-c", *command]
        checked = podman("exec", self.test.prefix + name, *command,
                         check=False)
        return checked.returncode == 0

    # Stopping.

    def stop(self):
        """As ECS does: those that depend on others first."""
        for name in reversed(self.started):
            patience = self.containers[name].get("stopTimeout", STOP_TIMEOUT)
            podman("stop", "--time", patience, self.test.prefix + name)

    def essential(self):
        return [name for name, container in self.containers.items()
                if container.get("essential", True)]

