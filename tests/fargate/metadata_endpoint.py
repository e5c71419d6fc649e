"""A fake of the ECS task metadata endpoint, at its real address."""

import ctypes
import http.server
import json
import socket
import subprocess
import threading

ADDRESS = "169.254.170.2"
CLONE_NEWNET = 0x40000000


def listen_in_network_of(pid):
    """A socket that listens in the network namespace of a process: the
    namespace is that of the thread which makes it (network_namespaces(7))."""
    subprocess.run(["nsenter", "--target", str(pid), "--net", "ip", "address",
                    "add", f"{ADDRESS}/32", "dev", "lo"], check=True)
    made = []

    def make():
        libc = ctypes.CDLL(None, use_errno=True)
        with open(f"/proc/{pid}/ns/net", "rb") as namespace:
            if libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
                made.append(OSError(ctypes.get_errno(), "setns"))
                return
        made.append(socket.create_server((ADDRESS, 80)))

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    if isinstance(made[0], OSError):
        raise made[0]
    return made[0]


class MetadataEndpoint:
    """Answers /v4/ID/task with `task`, which may change at any time."""

    def __init__(self, pid, task):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if not self.path.endswith("/task"):
                    self.send_error(404)
                    return
                body = json.dumps(task).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(
            (ADDRESS, 80), Handler, bind_and_activate=False)
        self.server.socket.close()
        self.server.socket = listen_in_network_of(pid)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
