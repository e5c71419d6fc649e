"""What cannot be attached to is named, with the reason."""

import struct
import unittest

import lab
from harness import wait_for
from task import TOOLS, TaskTest, setUpModule, tearDownModule


def pausing_program_of_32_bits():
    """A static i386 executable that calls pause(2) for ever."""
    base, headers = 0x8048000, 52 + 32
    code = b"\xb8\x1d\0\0\0\xcd\x80\xeb\xf7"  # 1: mov $29,%eax; int $128; jmp 1b
    size = headers + len(code)
    header = struct.pack(
        "<16sHHIIIIIHHHHHH", b"\x7fELF\x01\x01\x01", 2, 3, 1, base + headers,
        52, 0, 0, 52, 32, 1, 0, 0, 0)
    segment = struct.pack("<IIIIIIII", 1, 0, base, base, size, size, 5, 4096)
    return header + segment + code


class CoverageTest(TaskTest):
    def setUp(self):
        super().setUp()
        self.start_pause()

    def start_sidecar(self):
        self.create_sidecar("--attach", "yes")
        self.start_container("sidecar")

    def start_app(self, *command):
        self.create_app(command=command)
        self.start_container("app")

    def refusal(self, program):
        """Why a process of the workload is not attached."""
        def refused():
            return [root["reason"] for root in self.roots_in("app")
                    if root["name"] == program and root.get("reason")]
        return wait_for(f"{program} is reported", refused)[0]

    def attached(self, program):
        return wait_for(f"{program} is attached", lambda: [
            root for root in self.roots_in("app")
            if root["name"] == program and root.get("method") == "attach"])

    def await_output(self, text):
        wait_for(f"the workload says {text}",
                 lambda: text in self.output_of("app"))

    def test_a_process_under_strace_is_named(self):
        self.start_app("strace", "-o", "/dev/null", "sh", "-c",
                       "echo ready; exec sleep 600")
        self.await_output("ready")
        self.start_sidecar()
        self.assertRegex(self.refusal("sleep"), "traced")
        self.attached("strace")

    def test_a_process_with_a_listener_of_another_observer_is_named(self):
        self.start_app(f"{TOOLS}/gatewatch-launch", "--socket",
                       "another-observer", "--", "sh", "-c",
                       "echo ready; exec sleep 600")
        self.await_output("ready")
        self.start_sidecar()
        self.assertRegex(self.refusal("sleep"), "listener")

    def test_a_32_bit_process_is_named(self):
        program = self.task_folder / "pausing32"
        program.write_bytes(pausing_program_of_32_bits())
        program.chmod(0o755)
        self.start_app("sh", "-c", "/task/pausing32 & echo ready; exec sleep 600")
        self.await_output("ready")
        if "not found" in self.output_of("app"):
            reason = "this kernel executes no 32-bit programs"
            print(f"SKIPPED: coverage_test: {reason}")
            self.skipTest(reason)
        self.start_sidecar()
        self.assertRegex(self.refusal("pausing32"), "32-bit")
        self.attached("sleep")


if __name__ == "__main__":
    lab.main()
