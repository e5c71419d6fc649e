"""What Fargate-like containers are made of here: podman with runc, an image,
the task's seccomp profile and the product's files. See docs/HACKING.md."""

import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from harness import BIN, SOURCE

STORAGE = SOURCE / "build" / "test-tools" / "containers"
# Where podman keeps sockets, whose paths have to be short.
RUN = pathlib.Path("/run/gatewatch-test-" + hashlib.sha256(
    bytes(STORAGE)).hexdigest()[:8])
IMAGE = "localhost/gatewatch-task"
SKIPPED = 77

# Docker's default set, which Fargate's is; podman's lacks some of it.
CAPABILITIES = ("AUDIT_WRITE", "MKNOD", "NET_RAW")
# What Docker's profile permits with CAP_SYS_ADMIN only, and podman's to all.
ADMIN_CALLS = {
    "clone3", "fsconfig", "fsmount", "fsopen", "fspick", "mount",
    "mount_setattr", "move_mount", "open_tree", "pivot_root", "setns",
    "umount", "umount2", "unshare"}
# And with CAP_SYS_PTRACE only.
TRACER_CALLS = {"kcmp", "pidfd_getfd", "process_madvise"}
EPERM, ENOSYS = 1, 38

C_LIBRARY = ("ld-linux", "libc.", "libdl.", "libm.", "libpthread.",
             "libresolv.", "librt.")


# Apart from whatever podman else does on this host.
PODMAN = ("podman", "--root", STORAGE, "--runroot", RUN / "run",
          "--tmpdir", RUN / "tmp", "--runtime", "runc",
          "--cgroup-manager", "cgroupfs")


def podman(*arguments, check=True, **options):
    done = subprocess.run([str(part) for part in (*PODMAN, *arguments)],
                          text=True, capture_output=True, timeout=120,
                          **options)
    if check and done.returncode != 0:
        raise AssertionError(f"podman {' '.join(map(str, arguments))}: "
                             f"{done.stderr.strip()}")
    return done


def seccomp_profile(folder, denied):
    """The path of Docker's profile, made from podman's, less `denied`."""
    profile = json.loads(
        pathlib.Path("/usr/share/containers/seccomp.json").read_text())
    for rule in profile["syscalls"]:
        rule["names"] = [name for name in rule["names"] if name not in denied]
    profile["syscalls"] = [rule for rule in profile["syscalls"]
                           if rule["names"]]
    # So that libraries fall back to clone(2), as Docker's says it.
    for names, errno in ((denied - {"clone3"}, EPERM), ({"clone3"}, ENOSYS)):
        profile["syscalls"].append({"names": sorted(names), "args": [],
                                    "action": "SCMP_ACT_ERRNO",
                                    "errnoRet": errno})
    name = hashlib.sha256(" ".join(sorted(denied)).encode()).hexdigest()[:8]
    path = folder / f"seccomp-{name}.json"
    path.write_text(json.dumps(profile))
    return path


def libraries(program):
    """None for a static program, which ldd refuses."""
    listed = subprocess.run(["ldd", program], capture_output=True,
                            text=True).stdout
    return [pathlib.Path(word) for line in listed.splitlines()
            for word in line.split() if word.startswith("/")]


def make_pause(folder):
    """A root file system with /pause alone."""
    root = folder / "pause"
    root.mkdir()
    shutil.copy2(BIN / "pause", root / "pause")
    return root


def make_sidecar(folder):
    """A root file system with the agent and its libraries alone."""
    root = folder / "sidecar"
    home = root / "gatewatch"
    home.mkdir(parents=True)
    for name in ("tmp", "etc", "run"):
        (root / name).mkdir()
    for name in ("gatewatch-agent", "gatewatch-launch"):
        shutil.copy2(BIN / name, home)
    for library in libraries(BIN / "gatewatch-agent"):
        target = root / library.relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(library, target)
    return root


def make_tools(folder, programs):
    """What tests run inside a workload, to be mounted in it. The
    C library stays the container's own."""
    tools = folder / "tools"
    (tools / "lib").mkdir(parents=True)
    for name in programs:
        shutil.copy2(BIN / name, tools)
        for library in libraries(BIN / name):
            if not library.name.startswith(C_LIBRARY):
                shutil.copy2(library, tools / "lib")
    return tools


class Lab:
    """The files of one run of tests."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="gatewatch-lab-"))
        self.folder.chmod(0o755)
        self.pause = make_pause(self.folder)
        self.sidecar = make_sidecar(self.folder)
        self.tools = make_tools(self.folder, (
            "gatewatch", "gatewatch-launch", "many_opens"))

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def why_not():
    """Why there can be no containers here; empty when there can."""
    missing = [name for name in ("podman", "runc", "mmdebstrap", "nsenter")
               if shutil.which(name) is None]
    if missing:
        return f"{' and '.join(missing)} not installed"
    image = subprocess.run([SOURCE / "scripts" / "make-task-image"],
                           capture_output=True, text=True)
    if image.returncode != 0:
        return "the task image cannot be made: " + last_line(image.stderr)
    tar = SOURCE / "build" / "test-tools" / "task-image.tar"
    wanted = f"{IMAGE}:{tar.stat().st_mtime_ns}"
    if podman("image", "exists", wanted, check=False).returncode != 0:
        made = podman("import", tar, wanted, check=False)
        if made.returncode != 0:
            return "podman cannot import an image: " + last_line(made.stderr)
    podman("tag", wanted, IMAGE)
    tried = podman("run", "--rm", "--network", "none",
                   "--ulimit", "nofile=1024:1024",
                   "--ulimit", "nproc=1000:1000", IMAGE, "true", check=False)
    if tried.returncode != 0:
        return "podman cannot run a container: " + last_line(tried.stderr)
    return ""


def last_line(text):
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no reason was given"


def main():
    reason = why_not()
    if reason:
        print(f"SKIPPED: {pathlib.Path(sys.argv[0]).stem}: {reason}")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
