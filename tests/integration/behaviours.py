"""What fires each rule of constructs.yaml, and what is next to it and must
not. By hand: behaviours.py RULE fires|twin FOLDER, with a prepared folder."""

import ctypes
import fcntl
import os
import pathlib
import pty
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time

FIRES, TWIN = "fires", "twin"
NOBODY, MAIL = 65534, 8
# Numbers that C libraries of Debian 12 have no function for.
CREAT, RENAMEAT2, OPENAT2, INIT_MODULE, DELETE_MODULE = 85, 316, 437, 175, 176
BPF, USERFAULTFD = 321, 323
PTRACE_TRACEME, PTRACE_SEIZE = 0, 0x4206
CLONE_NEWPID, CLONE_NEWNS = 0x20000000, 0x20000
CLONE_NEWUSER, CLONE_NEWUTS, CLONE_NEWNET = 0x10000000, 0x4000000, 0x40000000

libc = ctypes.CDLL(None, use_errno=True)
folder = pathlib.Path("/nonexistent")


def prepare(where):
    """Makes what the behaviours find in their folder."""
    for name in ("kept", "kept/deep", "spare", "maybe", "cron", "bin",
                 "layer"):
        (where / name).mkdir()
    for name in ("kept/file", "kept/deep/file", "kept/printed", "spare/file",
                 "cron/job", "key.pem", "key.pub"):
        (where / name).write_text("content\n")
    (where / "locked").write_text("")
    (where / "locked").chmod(0o600)


# --- what behaviours are made of ---------------------------------------------

def run(*command, **options):
    subprocess.run([str(part) for part in command], check=True,
                   stdout=subprocess.DEVNULL, **options)


def true(*arguments, **options):
    run("/bin/true", *arguments, **options)


def alias(name, program="/bin/sh"):
    """The program by another name."""
    link = folder / name
    if not link.is_symlink():
        link.symlink_to(program)
    return link


def under(name, script, *arguments):
    run(alias(name), "-c", script, *arguments)


def become(user):
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)


def as_user(user, act):
    """In a child, lest the behaviour end as that user."""
    child = os.fork()
    if child == 0:
        become(user)
        act()
        os._exit(0)
    os.waitpid(child, 0)


def as_namesake(name):
    """Goes on as this program by another name."""
    if pathlib.Path("/proc/self/comm").read_text().strip() != name:
        os.execv(alias(name, sys.executable),
                 [name, "-I", "-S"] + sys.argv)


def victim(act):
    """Does something to a child that waits."""
    child = os.fork()
    if child == 0:
        signal.pause()
    act(child)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def in_child(act):
    child = os.fork()
    if child == 0:
        act()
        os._exit(0)
    os.waitpid(child, 0)


def syscall(*arguments):
    return libc.syscall(*arguments)


def network_of_its_own():
    """A network where any of these addresses is this machine's."""
    if libc.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        def interface(request, name, rest):
            fcntl.ioctl(control, request,
                        struct.pack("16s24s", name.encode(), rest))

        def address(name, text):
            interface(0x8916, name,  # SIOCSIFADDR
                      struct.pack("HH4s", socket.AF_INET, 0,
                                  socket.inet_aton(text)))

        interface(0x8914, "lo", struct.pack("h", 0x1 | 0x40))  # up, running
        for number, text in enumerate((
                "198.51.100.7", "198.51.100.8", "10.1.2.3", "10.1.2.4",
                "169.254.169.254", "169.254.169.253")):
            address(f"lo:{number}", text)


# --- processes ------------------------------------------------------------------

def nested(name):
    under(name, "sh -c '/bin/true; :'; :")


def in_folder(name):
    true(cwd=folder / name)


def on_terminal(has_one):
    if not has_one:
        return true()
    child, terminal = pty.fork()
    if child == 0:
        os.execv("/bin/true", ["true"])
    os.waitpid(child, 0)
    os.close(terminal)


def with_variable(name, value):
    true(env={"PATH": "/usr/bin:/bin", name: value})


def executed_by(user):
    as_user(user, lambda: os.execv("/bin/true", ["true"]))


def with_audit_user(number):
    pathlib.Path("/proc/self/loginuid").write_text(str(number))
    true()


def from_memory(in_memory):
    if not in_memory:
        copy = folder / "copied"
        shutil.copy("/bin/true", copy)
        return run(copy)
    descriptor = os.memfd_create("program")
    os.write(descriptor, pathlib.Path("/bin/true").read_bytes())
    in_child(lambda: os.execve(descriptor, ["true"], {}))


def on_overlay(layer):
    """A program that lies in the lower or in the upper layer."""
    layers = folder / "layer"
    if libc.unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    libc.mount(None, b"/", None, 0x40000 | 0x4000, None)  # private, recursive
    # Overlays of overlays are refused, so the layers lie in memory.
    libc.mount(b"tmpfs", bytes(layers), b"tmpfs", 0, None)
    for name in ("upper", "work", "root"):
        (layers / name).mkdir()
    options = (f"lowerdir=/usr/bin,upperdir={layers}/upper,"
               f"workdir={layers}/work")
    if libc.mount(b"overlay", bytes(layers / "root"), b"overlay", 0,
                  options.encode()) != 0:
        raise OSError(ctypes.get_errno(), "mount")
    program = layers / "root" / "true"
    if layer == "upper":
        program = program.with_name("dropped")
        shutil.copy("/bin/true", program)
    run(program)


def copied_to(where):
    program = pathlib.Path(where) / f"gatewatch-{os.getpid()}"
    shutil.copy("/bin/true", program)
    try:
        run(program)
    finally:
        program.unlink()


def first_of_namespace(namespaces):
    if namespaces:
        libc.unshare(namespaces)
    true()


def leads_group(leads):
    true(start_new_session=leads)


def aged(seconds):
    time.sleep(seconds)
    read("kept/file")


# --- files ------------------------------------------------------------------

def read(name):
    with open(os.path.join(folder, name), "rb"):
        pass


def read_raw(path):
    os.close(os.open(path, os.O_RDONLY))


def read_if_there(name):
    try:
        read(name)
    except FileNotFoundError:
        pass


def write(name):
    with open(folder / name, "ab"):
        pass


def opened(name, flags, mode=0o644):
    os.close(os.open(folder / name, os.O_WRONLY | flags, mode))


def read_by(user):
    def attempt():
        try:
            read("locked")
        except PermissionError:
            pass
    as_user(user, attempt)


def made_by_creat(name):
    syscall(CREAT, bytes(folder / name), 0o644)


def read_by_openat2(name):
    how = struct.pack("QQQ", os.O_RDONLY, 0, 0)
    syscall(OPENAT2, -100, bytes(folder / name), how, len(how))


def history(name, change):
    path = folder / name
    path.write_text("ls\n")
    change(path)


def moved(path):
    path.rename(path.with_suffix(".moved"))


def remove_folder(name):
    (folder / name).mkdir()
    (folder / name).rmdir()


def renamed_to(name):
    fresh = folder / "fresh"
    fresh.write_text("")
    fresh.rename(folder / name)


def renamed_by_renameat2(name):
    (folder / name).write_text("")
    syscall(RENAMEAT2, -100, bytes(folder / name), -100,
            bytes(folder / f"{name}.away"), 0)


def make_folder(name):
    (folder / name).mkdir()


def permitted(mode):
    (folder / "program").write_text("")
    (folder / "program").chmod(mode)


def permitted_by_descriptor(mode):
    with open(folder / "program", "wb") as program:
        os.fchmod(program.fileno(), mode)


def permitted_below(name):
    (folder / name / "file").chmod(0o640)


def symbolic(target, link):
    (folder / link).symlink_to(target)


def linked(name):
    os.link(folder / name, folder / f"link-{os.getpid()}")


def schedule(act, what):
    act(what)


def crontab(name):
    run(alias(name, "/bin/true"))


def device(path):
    read_raw(path)


# --- network ----------------------------------------------------------------

def stream_to(address, port=4000, listens=True, family=socket.AF_INET):
    network_of_its_own()
    with socket.socket(family) as server, socket.socket(family) as client:
        server.bind((address, port))
        if listens:
            server.listen()
        try:
            client.connect((address, port))
        except ConnectionRefusedError:
            pass


def datagram_to(address):
    network_of_its_own()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", (address, 4000))


def message_to(address):
    network_of_its_own()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendmsg([b"x"], [], 0, (address, 4000))


def connected_datagrams(address, port):
    network_of_its_own()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect((address, port))


def listening_at(address, port):
    network_of_its_own()
    with socket.socket() as server:
        server.bind((address, port))
        server.listen()


def accepted_from(client_address):
    network_of_its_own()
    with socket.socket() as server, socket.socket() as client:
        server.bind(("198.51.100.7", 4000))
        server.listen()
        client.bind((client_address, 0))
        client.connect(("198.51.100.7", 4000))
        server.accept()[0].close()


def local_socket(name):
    with socket.socket(socket.AF_UNIX) as server, \
            socket.socket(socket.AF_UNIX) as client:
        server.bind(str(folder / name))
        server.listen()
        client.connect(str(folder / name))


def raw_socket(family):
    kind = socket.SOCK_RAW if family == socket.AF_PACKET else \
        socket.SOCK_SEQPACKET
    try:
        socket.socket(family, kind).close()
    except OSError:
        pass  # the try counts


def onto_standard_input(connected, by=lambda descriptor: os.dup2(descriptor, 0)):
    network_of_its_own()
    if not connected:
        return by(os.pipe()[0])
    server, client = socket.socket(), socket.socket()
    server.bind(("127.0.0.1", 4000))
    server.listen()
    client.connect(("127.0.0.1", 4000))
    by(client.fileno())


def onto_standard_input_by_dup(connected):
    def by_dup(descriptor):
        os.close(0)
        libc.dup(descriptor)
    onto_standard_input(connected, by_dup)


# --- the kernel ---------------------------------------------------------------

def traced(request):
    if request == PTRACE_TRACEME:
        in_child(lambda: libc.ptrace(request, 0, None, None))
    else:
        victim(lambda child: libc.ptrace(request, child, None, None))


def module(number):
    syscall(number, b"gatewatch_none", 0, b"")


def joined(name):
    as_namesake(name)
    with open("/proc/self/ns/uts") as own:
        libc.setns(own.fileno(), CLONE_NEWUTS)


def namespaces(flags):
    in_child(lambda: libc.unshare(flags))


def another_user(user):
    in_child(lambda: os.setuid(user))


def kernel_program(command):
    syscall(BPF, command, None, 0)


def page_faults(user):
    as_user(user, lambda: syscall(USERFAULTFD, 0))


def mounted(what):
    libc.mount(what, b"/nonexistent/gatewatch", b"ext4", 0, None)


def killed(number):
    child = os.fork()
    if child == 0:
        signal.pause()
    os.kill(child, number)
    os.waitpid(child, 0)


def memory_file(name):
    os.close(os.memfd_create(name))


# Rule: what is done, with what it is done to fire the rule, and with what for
# the twin.
BEHAVIOURS = {
    "Any ancestor is a server": (
        under, ("pretend-db", "sh -c true; :"),
        ("pretend-editor", "sh -c true; :")),
    "Parent's name begins so": (
        under, ("pretend-httpd", "/bin/true; :"), ("pretend-editor", "true; :")),
    "Grandparent by number": (
        nested, ("pretend-httpd",), ("pretend-editor",)),
    "Ancestor's first argument": (
        nested, ("pretend-httpd",), ("pretend-editor",)),
    "Parent's command line": (
        under, ("pretend-db", "/bin/true; :", "--worker"),
        ("pretend-db", "/bin/true; :", "--master")),
    "Quoted list item": (
        under, ("pretend-(web)", ":"), ("pretend-[web]", ":")),
    "First argument begins so": (
        under, ("pretend-httpd", ":"), ("pretend-db", ":")),
    "Path of the program": (run, ("/bin/true",), ("/bin/uname",)),
    "No arguments": (true, (), ("--",)),
    "Arguments contain": (
        true, ("-o", "Stratum+TCP://pool"), ("-o", "stratum:tcp://pool")),
    "Arguments end so": (true, ("-i", "id_rsa"), ("-i", "id_rsa.pub")),
    "Arguments match": (
        true, ("--pool=abc:3333",), ("--pool=abc:33333",)),
    "One of the arguments": (true, ("run", "-p"), ("run", "-pv")),
    "Whole command line": (true, ("--today",), ("--today", "x")),
    "Command line begins so": (true, ("--gone",), ("-go",)),
    "Working directory": (in_folder, ("kept/deep",), ("spare",)),
    "Terminal": (on_terminal, (True,), (False,)),
    "Environment contains": (
        with_variable, ("http_proxy", "http://192.0.2.1"),
        ("http_proxy", "http://example.com")),
    "Variable of the environment": (
        with_variable, ("LD_PRELOAD", "/tmp/none.so"),
        ("LD_PRELOAD", "/usr/lib/none.so")),
    "User's id": (executed_by, (NOBODY,), (0,)),
    "User's name": (executed_by, (MAIL,), (NOBODY,)),
    "Audit user": (with_audit_user, (1000,), (2**32 - 1,)),
    "Effective capabilities": (executed_by, (0,), (NOBODY,)),
    "Permitted capabilities": (executed_by, (0,), (NOBODY,)),
    "Program in memory": (from_memory, (True,), (False,)),
    "Program of the upper layer": (on_overlay, ("upper",), ("lower",)),
    "Program in shared memory": (copied_to, ("/dev/shm",), ("/tmp",)),
    "First process of a namespace": (
        first_of_namespace, (CLONE_NEWPID,), (0,)),
    "Leader of its group": (leads_group, (True,), (False,)),
    "Process is new": (aged, (0,), (3.2,)),

    "Surroundings that are not there": (
        true, ("--surroundings",), ("--surroundings", "x")),
    "Always and never": (true, ("--always",), ("--never",)),
    "Direction of an event": (true, ("--direction",), ("--directions",)),
    "Exceptions": (true, ("--restore",), ("--backup", "now")),
    "Exception of one field": (true, ("--unknown",), ("--trusted",)),
    "Grown list": (true, ("second",), ("third",)),
    "Replaced list": (true, ("new",), ("old",)),
    "Grown macro": (true, ("wide",), ("wider",)),
    "Replaced macro": (true, ("after",), ("before",)),
    "Grown rule": (true, ("--any",), ("--spared",)),
    "Overridden rule": (true, ("--latter",), ("--former",)),
    "Lower and upper case": (true, ("--LouD",), ("--proud",)),
    "Base name and length": (true, ("--short", "--long"), ("--long",)),
    # "evil", "good"
    "Decoded argument": (true, ("ZXZpbA==",), ("Z29vZA==",)),
    "Concatenated texts": (
        run, ("/bin/sh", "-c", "/bin/true; :"), ("/bin/true",)),
    "Field against field": (
        run, ("/bin/sh", "-c", "sh -c :; :"), ("/bin/sh", "-c", ":")),
    "One of several beginnings": (true, ("--twofold",), ("--threefold",)),
    "Globs of either case": (true, ("--key=a.der",), ("--key=a.derived",)),
    "Bytes in hexadecimal": (true, ("--mining-pool",), ("--mining-farm",)),
    "Output": (read, ("kept/printed",), ("kept/file",)),

    "Read below a folder": (read, ("kept/file",), ("spare/file",)),
    "Read of files that end so": (read, ("key.pem",), ("key.pub",)),
    "Read below one of several folders": (
        read, ("kept/deep/file",), ("spare/file",)),
    "Write into one of several folders": (
        write, ("kept/new",), ("kept/deep/new",)),
    "Write of a file of that name": (
        write, (".bashrc",), (".bashrc.swp",)),
    "Read by a path with dots": (
        read, ("spare/../kept/file",), ("kept/file",)),
    "Truncated at opening": (
        opened, ("spare/file", os.O_TRUNC), ("spare/file", os.O_APPEND)),
    "Program made by opening": (
        opened, ("made", os.O_CREAT, 0o755), ("made-too", os.O_CREAT, 0o644)),
    "Made by creat": (made_by_creat, ("new",), ("newer",)),
    "Opened by openat2": (
        read_by_openat2, ("kept/file",), ("spare/file",)),
    "Missing file not opened": (
        lambda name: (write(name), read(name)) if name else
        read_if_there("maybe/missing"), ("maybe/there",), ("",)),
    "Open that was refused": (read_by, (NOBODY,), (0,)),
    "Open that went through": (read_by, (0,), (NOBODY,)),
    "Folder opened": (
        lambda name: read_raw(folder / name), ("kept/deep",), ("kept/file",)),
    "Environment of a process read": (
        read_raw, ("/proc/self/environ",), ("/proc/self/status",)),
    "History removed": (
        history, (".bash_history", moved), (".bash_logout", moved)),
    "Folder removed": (remove_folder, ("bin.old",), ("lib.old",)),
    "Renamed into a folder": (renamed_to, ("kept/came",), ("spare/came",)),
    "Renamed by renameat2": (
        renamed_by_renameat2, ("kept/goes",), ("spare/goes",)),
    "Folder made": (make_folder, ("bin/more",), ("spare/more",)),
    "Set-user-ID by name": (permitted, (0o4755,), (0o1755,)),
    "Permissions by descriptor": (
        permitted_by_descriptor, (0o700,), (0o755,)),
    "Permissions below a folder": (
        permitted_below, ("kept",), ("spare",)),
    "Symbolic link over a secret": (
        symbolic, ("/etc/shadow", "link-1"), ("/etc/shells", "link-2")),
    "Symbolic link in a folder": (
        symbolic, ("file", "kept/link"), ("file", "spare/link")),
    "Hard link over a secret": (linked, ("kept/file",), ("spare/file",)),
    "Job scheduled": (
        lambda act, what: act(what), (write, "cron/job"),
        (crontab, "crontab-neither")),
    "Device of a host": (
        lambda path: in_child(lambda: os.execv(
            sys.executable, [sys.executable, "-c", f"open('{path}')",
                             "--device"])), ("/dev/null",), ("/dev/zero",)),

    "Connection beyond private networks": (
        stream_to, ("198.51.100.7",), ("10.1.2.3",)),
    "Datagram beyond private networks": (
        datagram_to, ("198.51.100.7",), ("10.1.2.3",)),
    "Message beyond private networks": (
        message_to, ("198.51.100.7",), ("10.1.2.3",)),
    "Server's address": (
        stream_to, ("169.254.169.254", 80), ("169.254.169.253", 80)),
    "Server's port in a list": (
        connected_datagrams, ("10.1.2.3", 3333), ("10.1.2.3", 3334)),
    "Server's port in a range": (
        connected_datagrams, ("10.1.2.3", 32767), ("10.1.2.3", 32768)),
    "Port of either end": (
        listening_at, ("127.0.0.1", 4445), ("127.0.0.1", 4446)),
    "Listening beyond this host": (
        listening_at, ("198.51.100.7", 8080), ("127.0.0.1", 8080)),
    "Client's network": (
        accepted_from, ("198.51.100.8",), ("10.1.2.4",)),
    "Connection that was not refused": (
        stream_to, ("10.1.2.3", 4000, True), ("10.1.2.3", 4000, False)),
    "Socket of the container runtime": (
        local_socket, ("runtime.sock",), ("printer.sock",)),
    "Sixth version": (
        stream_to, ("::1", 4000, True, socket.AF_INET6), ("127.0.0.1",)),
    "Packet socket": (
        raw_socket, (socket.AF_PACKET,), (socket.AF_ALG,)),
    "Standard stream becomes a connection": (
        onto_standard_input, (True,), (False,)),
    "Standard stream becomes a connection by dup": (
        onto_standard_input_by_dup, (True,), (False,)),

    "Attached by ptrace": (traced, (PTRACE_SEIZE,), (PTRACE_TRACEME,)),
    "Keeps debuggers away": (traced, (PTRACE_TRACEME,), (PTRACE_SEIZE,)),
    "Module loaded": (module, (INIT_MODULE,), (DELETE_MODULE,)),
    "Namespace joined": (joined, ("pretend-tool",), ("pretend-runc",)),
    "Namespaces made": (namespaces, (CLONE_NEWUSER,), (CLONE_NEWUTS,)),
    "Another user": (another_user, (NOBODY,), (0,)),
    "Program for the kernel": (kernel_program, (5,), (0,)),
    "Page faults by a user": (page_faults, (NOBODY,), (0,)),
    "Device mounted": (mounted, (b"/dev/none",), (b"none",)),
    "Process killed": (killed, (signal.SIGKILL,), (signal.SIGTERM,)),
    "File in memory": (memory_file, ("payload",), ("buffer",)),
}


def perform(rule, which):
    act, fires, twin = BEHAVIOURS[rule]
    act(*(fires if which == FIRES else twin))


def perform_all(where):
    """Each in a process of its own, whose arguments tell which it is. Begins
    when there is something to read, and says what could not be performed."""
    sys.stdin.readline()
    for rule in BEHAVIOURS:
        for which in (FIRES, TWIN):
            done = subprocess.run(
                [sys.executable, "-I", "-S", __file__, rule, which, where],
                stdin=subprocess.DEVNULL, capture_output=True, text=True)
            if done.returncode != 0:
                print(f"{rule}|{which}|{done.stderr.splitlines()[-1:]}",
                      flush=True)
    print("done", flush=True)


def main():
    global folder
    folder = pathlib.Path(sys.argv[-1])
    if sys.argv[1] == "all":
        perform_all(sys.argv[-1])
    else:
        perform(sys.argv[1], sys.argv[2])


if __name__ == "__main__":
    main()
