"""A gRPC client that knows nothing of the project finds its services.

Run with the interpreter of build/test-tools/python (scripts/install-test-tools).
"""

import unittest

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase)

from harness import GatewatchTest


class ReflectionTest(GatewatchTest):
    def setUp(self):
        super().setUp()
        self.start_analyzer()
        self.channel = grpc.insecure_channel(self.address)
        self.addCleanup(self.channel.close)

    def report(self, *requests):
        """The status that ends an agent's stream of these messages."""
        call = self.channel.stream_stream(
            "/gatewatch.v1.IngestService/Report",
            request_serializer=bytes, response_deserializer=bytes)
        try:
            for _ in call(iter(requests), timeout=20):
                pass
        except grpc.RpcError as error:
            return error.code()
        return grpc.StatusCode.OK

    def test_services_and_methods_are_listed_by_reflection(self):
        database = ProtoReflectionDescriptorDatabase(self.channel)
        services = set(database.get_services())
        self.assertLessEqual(
            {"gatewatch.v1.IngestService", "gatewatch.v1.QueryService",
             "grpc.health.v1.Health"}, services)
        query = DescriptorPool(database).FindServiceByName(
            "gatewatch.v1.QueryService")
        self.assertIn("ListAlerts", query.methods_by_name)

    def test_the_health_service_says_serving(self):
        check = self.channel.unary_unary(
            "/grpc.health.v1.Health/Check", request_serializer=bytes,
            response_deserializer=bytes)
        self.assertEqual(check(b"", timeout=20), b"\x08\x01")  # SERVING

    def test_a_stream_of_garbage_ends_with_a_status(self):
        self.assertNotEqual(self.report(b"\xff" * 100),
                            grpc.StatusCode.OK)

    def test_an_oversized_batch_ends_its_stream(self):
        self.assertEqual(self.report(b"\x12" + b"\0" * (8 << 20)),
                         grpc.StatusCode.RESOURCE_EXHAUSTED)

    def test_a_stream_without_a_hello_is_refused(self):
        batch = b"\x12\x00"  # an empty Batch
        self.assertEqual(self.report(batch),
                         grpc.StatusCode.INVALID_ARGUMENT)


if __name__ == "__main__":
    unittest.main(verbosity=2)
