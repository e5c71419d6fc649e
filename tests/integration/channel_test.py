"""The secure channel between agents, analysts and the analyzer: who is let
in, who is refused with what reason, and that no event is lost by it."""

import contextlib
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import threading
import unittest

from harness import BIN, GatewatchTest, free_port, wait_for

LONG_AGO = "2020-01-01T00:00:00Z"


class Relay:
    """A network between agent and analyzer, which can break."""

    def __init__(self, target):
        host, port = target.split(":")
        self.target = host, int(port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.open = []
        self.connections = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                near = self.listener.accept()[0]
                far = socket.create_connection(self.target)
                self.open += near, far
                self.connections += 1
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self.pass_on, daemon=True,
                                     args=(source, sink)).start()

    def pass_on(self, source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        self.shut(source, sink)

    @staticmethod
    def shut(*ends):
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def drop(self):
        """Breaks what is connected; new connections are fine."""
        self.shut(*self.open)

    def close(self):
        self.shut(self.listener)
        self.listener.close()
        self.drop()
        for end in self.open:
            end.close()


class ChannelTest(GatewatchTest):
    def setUp(self):
        super().setUp()
        self.certs = self.folder / "certs"
        self.make_ca(self.certs)
        self.issue("--role", "analyzer", "--ip", "127.0.0.1")
        self.alice = self.issue("--role", "analyst", "--name", "alice")

    # Set-up

    def certs_command(self, *arguments):
        done = self.gatewatch("certs", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return pathlib.Path(done.stdout.splitlines()[0])

    def make_ca(self, folder):
        self.certs_command("init", folder)

    def issue(self, *arguments, ca=None):
        """The path of a new certificate; its key lies beside it."""
        return self.certs_command("issue", *arguments, ca or self.certs)

    def agent_certificate(self, name="web-1", *more, ca=None):
        return self.issue("--role", "agent", "--name", name, "--out",
                          "agent", *more, ca=ca)

    def tls(self, certificate, ca=None):
        key = certificate.with_name(certificate.stem + "-key.pem")
        return ["--tls-cert", certificate, "--tls-key", key,
                "--tls-ca", ca or self.certs / "ca.pem"]

    def gatewatch(self, *arguments, **options):
        """As alice, once she has a certificate."""
        tls = self.tls(self.alice) if hasattr(self, "alice") else []
        return super().gatewatch(*tls, *arguments, **options)

    def start_secure_analyzer(self, *more):
        return self.start_analyzer(*self.tls(self.certs / "analyzer.pem"),
                                   *more)

    def touch(self, name):
        """Brings about an event, and tells its path."""
        path = f"{self.folder}/touched-{name}"
        done = self.run_launched("touch", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        return path

    def await_stored(self, *paths):
        def stored():
            seen = [event["event"]["file_open"]["file"]["path"]
                    for event in self.events("evt.is_open_write=true and "
                                             f"fd.name startswith {self.folder}")]
            return all(seen.count(path) == 1 for path in paths)
        wait_for(f"{paths} are stored once each", stored)

    def await_in_log(self, name, text):
        wait_for(f"{name} says: {text}", lambda: text in self.log_of(name))

    def check_kept_and_delivered(self, reason, repair):
        """An agent that was refused for `reason` loses nothing by it."""
        before = self.touch("before")
        self.await_in_log("agent", "keeping events")
        self.assertIn(reason, self.log_of("agent"))
        after = self.touch("after")
        self.assertEqual(self.agents(), [])
        repair()
        self.await_stored(before, after)

    # What is let in

    def test_agent_and_analyst_reach_the_analyzer(self):
        self.start_secure_analyzer()
        self.start_agent(*self.tls(self.agent_certificate()))
        self.await_stored(self.touch("a"))
        self.assertEqual([agent["agent_id"] for agent in self.agents()],
                         ["web-1"])

    def test_secrets_in_the_environment_do_what_files_do(self):
        certificate = self.agent_certificate("fleet/*")
        self.start_secure_analyzer()
        texts = {"CERT": certificate,
                 "KEY": certificate.with_name("agent-key.pem"),
                 "CA": self.certs / "ca.pem"}
        for part, path in texts.items():
            os.environ[f"GATEWATCH_TLS_{part}_PEM"] = path.read_text()
        try:
            agent = self.start_agent()
        finally:
            for part in texts:
                del os.environ[f"GATEWATCH_TLS_{part}_PEM"]
        self.await_stored(self.touch("a"))
        self.assertTrue(self.agents()[0]["agent_id"].startswith("fleet/"))
        self.stop(agent)

    def test_a_watched_command_does_not_inherit_the_key(self):
        environment = dict(os.environ)
        certificate = self.agent_certificate()
        environment["GATEWATCH_TLS_CERT_PEM"] = certificate.read_text()
        environment["GATEWATCH_TLS_KEY_PEM"] = (
            self.certs / "agent-key.pem").read_text()
        environment["GATEWATCH_TLS_CA_PEM"] = (
            self.certs / "ca.pem").read_text()
        done = subprocess.run(
            [str(BIN / "gatewatch-agent"), "--analyzer", self.address,
             "--launch-socket", self.socket, "--", "env"],
            env=environment, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("PRIVATE KEY", done.stdout)

    # What is refused

    def test_another_agents_name_is_refused(self):
        self.start_secure_analyzer()
        certificate = self.agent_certificate("web-1")
        self.start_agent(*self.tls(certificate), "--agent-id", "web-2")
        self.check_kept_and_delivered(
            'may not report as agent "web-2"',
            lambda: self.agent_certificate("web-*"))

    def test_an_analysts_certificate_is_refused_for_reports(self):
        self.start_secure_analyzer()
        certificate = self.issue("--role", "analyst", "--name", "bob",
                                 "--out", "agent")
        self.start_agent(*self.tls(certificate), "--agent-id", "web-1")
        self.check_kept_and_delivered(
            "use one of an agent, gatewatch://agent/NAME",
            lambda: self.agent_certificate("web-1"))
        self.assertIn("gatewatch://analyst/bob may not call",
                      self.log_of("analyzer"))

    def test_an_agents_certificate_is_refused_for_queries(self):
        self.start_secure_analyzer()
        self.alice = self.agent_certificate()
        refused = self.gatewatch("agents")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("gatewatch://analyst/NAME", refused.stderr)

    def test_an_expired_certificate_is_refused(self):
        self.start_secure_analyzer()
        certificate = self.agent_certificate("web-1", "--from", LONG_AGO,
                                             "--days", "1")
        self.start_agent(*self.tls(certificate))
        self.check_kept_and_delivered(
            "agent.pem expired at 2020-01-02T00:00:00Z",
            self.agent_certificate)

    def test_a_certificate_of_another_ca_is_refused(self):
        other = self.folder / "other"
        self.make_ca(other)
        self.start_secure_analyzer()
        certificate = self.agent_certificate("web-1", ca=other)
        self.start_agent(*self.tls(certificate))
        good = self.agent_certificate("web-1")

        def repair():
            for name in ("agent-key.pem", "agent.pem"):
                os.replace(good.with_name(name), certificate.with_name(name))
        self.check_kept_and_delivered("does not take this certificate", repair)

    def test_an_analyzer_of_another_ca_is_refused(self):
        other = self.folder / "other"
        self.make_ca(other)
        self.start_secure_analyzer()
        self.start_agent(*self.tls(self.agent_certificate(),
                                   ca=other / "ca.pem"))
        self.check_kept_and_delivered(
            "expired or not of --tls-ca",
            lambda: shutil.copy(self.certs / "ca.pem", other / "ca.pem"))

    def test_plaintext_is_refused_by_an_analyzer_with_tls(self):
        self.start_secure_analyzer()
        self.start_agent()
        kept = self.touch("kept")
        self.await_in_log("agent", "no analyzer at")
        self.await_in_log("agent", "speaks TLS")
        self.assertEqual(self.agents(), [])
        self.assertIsNotNone(kept)

    def test_an_agent_with_tls_sends_nothing_in_plaintext(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            self.address = f"127.0.0.1:{listener.getsockname()[1]}"
            self.start_agent(*self.tls(self.agent_certificate()))
            listener.settimeout(30)
            with listener.accept()[0] as peer:
                peer.settimeout(30)
                first = peer.recv(1)
        self.assertEqual(first, b"\x16")  # a TLS handshake

    def handshake(self, certificate=None, newest=None):
        """Tries to shake hands with the analyzer, and reads its answer."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.certs / "ca.pem")
        context.set_alpn_protocols(["h2"])
        if newest:
            context.maximum_version = newest
        if certificate:
            context.load_cert_chain(
                certificate,
                certificate.with_name(certificate.stem + "-key.pem"))
        host, port = self.address.split(":")
        with socket.create_connection((host, int(port)), timeout=30) as plain:
            with context.wrap_socket(plain, server_hostname=host) as secure:
                secure.settimeout(30)
                # With TLS 1.3 the server judges after the client is done.
                return secure.version(), secure.recv(1)

    def test_only_tls_1_3_is_spoken(self):
        self.start_secure_analyzer()
        certificate = self.agent_certificate()
        version, answer = self.handshake(certificate)
        self.assertEqual(version, "TLSv1.3")
        self.assertNotEqual(answer, b"")
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            self.handshake(certificate, newest=ssl.TLSVersion.TLSv1_2)

    def test_the_analyzer_itself_refuses_unfit_certificates(self):
        other = self.folder / "other"
        self.make_ca(other)
        self.start_secure_analyzer()
        unfit = {
            "none": None,
            "expired": self.agent_certificate("web-1", "--from", LONG_AGO,
                                              "--days", "1"),
            "of another CA": self.agent_certificate("web-1", ca=other),
            "a server's": self.certs / "analyzer.pem",
        }
        for what, certificate in unfit.items():
            with self.subTest(what):
                try:
                    answer = self.handshake(certificate)[1]
                except (ssl.SSLError, ConnectionError):
                    answer = b""
                self.assertEqual(answer, b"")

    # What is refused at the start

    def check_refused_at_start(self, program, *arguments, said):
        done = subprocess.run(
            [str(part) for part in (BIN / program, *arguments)],
            capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn(said, done.stderr)

    def test_partial_settings_are_refused_by_all_three(self):
        certificate = self.agent_certificate()
        partial = ["--tls-cert", certificate, "--tls-ca",
                   self.certs / "ca.pem"]
        address = f"127.0.0.1:{free_port()}"
        commands = {
            "gatewatch-analyzer": ["--listen", address, "--store",
                                   self.folder / "store"],
            "gatewatch-agent": ["--analyzer", address, "--no-supervisor",
                                "--launch-socket", self.socket],
            "gatewatch": ["agents", "--analyzer", address],
        }
        for program, arguments in commands.items():
            with self.subTest(program):
                self.check_refused_at_start(program, *arguments, *partial,
                                            said="GATEWATCH_TLS_KEY_PEM")
                self.check_refused_at_start(
                    program, *arguments, *self.tls(certificate),
                    "--insecure-plaintext", said="contradicts")

    def test_a_foreign_key_is_named(self):
        mixed = self.tls(self.agent_certificate())
        mixed[3] = self.certs / "analyzer-key.pem"
        self.check_refused_at_start(
            "gatewatch-agent", "--analyzer", self.address, "--no-supervisor",
            "--launch-socket", self.socket, *mixed, said="analyzer-key.pem")

    def test_an_analyzer_does_not_start_with_an_expired_certificate(self):
        expired = self.issue("--role", "analyzer", "--ip", "127.0.0.1",
                             "--from", LONG_AGO, "--days", "1")
        self.check_refused_at_start(
            "gatewatch-analyzer", "--listen", self.address, "--store",
            self.folder / "store", *self.tls(expired), said="expired at")

    # Rotation

    def test_replaced_certificates_count_without_a_restart(self):
        self.start_secure_analyzer()
        certificate = self.agent_certificate()
        relay = Relay(self.address)
        self.addCleanup(relay.close)
        direct, self.address = self.address, relay.address
        self.start_agent(*self.tls(certificate))
        self.address = direct
        paths = [self.touch("old")]
        self.await_stored(*paths)
        # Another CA altogether: nothing of the old would be taken any more.
        other = self.folder / "other"
        self.make_ca(other)
        for arguments in (["--role", "analyzer", "--ip", "127.0.0.1"],
                          ["--role", "agent", "--name", "web-1", "--out",
                           "agent"],
                          ["--role", "analyst", "--name", "alice"]):
            self.issue(*arguments, ca=other)
        for path in sorted(other.iterdir()):
            os.replace(path, self.certs / path.name)
        # The agent's open stream goes on.
        paths.append(self.touch("meanwhile"))
        self.await_stored(*paths)
        self.assertIn("from now on", self.log_of("analyzer"))
        # And a new one of it uses the new certificate.
        relay.drop()
        paths.append(self.touch("new"))
        self.await_stored(*paths)
        self.assertGreater(relay.connections, 1)

    # Limits

    def test_a_certificate_has_so_many_streams(self):
        self.start_secure_analyzer("--max-streams-of-each", "2")
        certificate = self.agent_certificate("web-*")
        names = ["web-1", "web-2", "web-3"]
        for name in names:
            self.start(
                name, BIN / "gatewatch-agent", "--analyzer", self.address,
                "--launch-socket", f"{self.socket}-{name}", "--no-inventory",
                "--no-supervisor", *self.tls(certificate),
                "--agent-id", name)
        wait_for("one of them is refused",
                 lambda: any("--max-streams-of-each" in self.log_of(name)
                             for name in names))
        self.assertEqual(len(self.agents()), 2)

    def test_an_agent_over_its_rate_is_slowed_and_loses_nothing_by_it(self):
        self.start_secure_analyzer("--max-event-rate", "200")
        self.start_agent(*self.tls(self.agent_certificate()),
                         "--rate-limit", "off")
        done = self.run_launched(BIN / "many_opens", 2500,
                                 f"{self.folder}/many-", 1)
        self.assertEqual(done.returncode, 0, done.stderr)
        last = self.touch("last")
        self.await_in_log("analyzer", "--max-event-rate")
        self.await_stored(last)
        stored = self.events("evt.is_open_write=true and "
                             f"fd.name startswith {self.folder}/many-")
        # A busy machine may keep capture from some, which it counts.
        lost = int(self.agents()[0].get("lost", 0))
        self.assertGreaterEqual(len(stored) + lost, 2500)


if __name__ == "__main__":
    unittest.main(verbosity=2)
