#!/usr/bin/env python3
"""Checks that every #include points along the arrows of the design.

    include_arrows.py ROOT          prints each violation as FILE:LINE: why;
                                    exit 1 when there is one
    include_arrows.py --self-test   plants violations and checks that each is
                                    found where it is

Looks at the product's folders, not at tests/ and bench/.
"""

import fnmatch
import pathlib
import re
import sys
import tempfile

# What a folder may include besides itself.
ARROWS = {
    "base": (),
    "proto": ("base",),
    "channel": ("base",),
    "probes": ("base",),
    "iac": ("base",),
    "detection": ("proto", "base"),
    "rules": ("detection", "base"),
    "agent": ("probes", "channel", "proto", "base"),
    "analyzer": ("detection", "channel", "proto", "base"),
    "cli": ("agent", "analyzer", "detection", "iac", "rules", "channel",
            "proto", "base"),
}

# Arrows that one file has and its folder has not: file, header.
NARROW_ARROWS = (
    ("analyzer/main.cc", "rules/*"),
    ("cli/command_doctor.cc", "probes/host_support.h"),
    ("cli/doctor_advice.h", "probes/host_support.h"),
)

# The ends of the wire: the shipper, the services, the command line's client,
# and what secures the way between them.
GRPC_SOURCES = (
    "agent/shipper*.cc",
    "agent/report_stream.cc",
    "analyzer/analyzer.cc",
    "analyzer/grpc_*.cc",
    "analyzer/*_service.cc",
    "channel/credentials.cc",
    "cli/client*.cc",
)

# Headers of ours that hold gRPC's types: like gRPC's own, for GRPC_SOURCES.
GRPC_HEADERS = ("analyzer/grpc_peer.h", "analyzer/grpc_status.h",
                "channel/credentials.h")

# Ours as well, and for no product file.
NOT_FOR_PRODUCT = ("tests", "bench")

INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def is_grpc(header):
    return (header.startswith(("grpc/", "grpcpp/", "grpc++/"))
            or header.endswith(".grpc.pb.h") or header in GRPC_HEADERS)


def folder_of(header):
    """The folder of ours that a header belongs to; None for a library's."""
    if header.startswith("gatewatch/v1/"):
        return "proto"  # generated
    folder = header.split("/")[0]
    return folder if folder in ARROWS or folder in NOT_FOR_PRODUCT else None


def matches(name, patterns):
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def complaint(file, quote, header):
    """Why `file` may not include `header`; None when it may."""
    own = file.split("/")[0]
    if quote == '"' and ("/" not in header or header.startswith(".")):
        return f'"{header}" is not written from the root of the repository'
    if (is_grpc(header) and file not in GRPC_HEADERS
            and not matches(file, GRPC_SOURCES)):
        return f"{header}: gRPC belongs to the shipper, services and client"
    target = folder_of(header)
    if target is None or target == own or target in ARROWS[own]:
        return None
    if any(file == source and fnmatch.fnmatchcase(header, pattern)
           for source, pattern in NARROW_ARROWS):
        return None
    return f"{header}: {own} may not include {target}"


def sources(root):
    for folder in ARROWS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".h", ".cc", ".c"):
                yield path


def violations(root):
    """All of them, and how many files were looked at."""
    found, files = [], 0
    for path in sources(root):
        files += 1
        file = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            include = INCLUDE.match(line)
            why = include and complaint(file, *include.groups())
            if why:
                found.append(f"{file}:{number}: {why}")
    return found, files


# file, include, whether it is a violation
PLANTED = (
    ("base/a.cc", '"base/b.h"', False),
    ("base/a.cc", "<vector>", False),
    ("base/a.cc", '"absl/strings/str_cat.h"', False),
    ("base/a.cc", '"proto/json.h"', True),
    ("base/a.cc", '"gatewatch/v1/event.pb.h"', True),
    ("base/a.cc", '"b.h"', True),
    ("base/a.cc", '"../agent/agent.h"', True),
    ("base/a.cc", '"tests/support/skip.h"', True),
    ("probes/seccomp/a.cc", '"probes/procfs/b.h"', False),
    ("probes/seccomp/a.cc", '"gatewatch/v1/event.pb.h"', True),
    ("probes/a.h", "<agent/agent.h>", True),
    ("channel/credentials.cc", "<grpc/grpc_security.h>", False),
    ("channel/settings.cc", '"channel/credentials.h"', True),
    ("channel/a.cc", '"analyzer/access.h"', True),
    ("agent/a.cc", '"channel/settings.h"', False),
    ("agent/a.cc", '"channel/credentials.h"', True),
    ("probes/a.cc", '"channel/settings.h"', True),
    ("iac/a.cc", '"detection/rule_set.h"', True),
    ("detection/a.cc", '"gatewatch/v1/event.pb.h"', False),
    ("detection/a.cc", '"probes/observation.h"', True),
    ("rules/a.cc", '"detection/rule_set.h"', False),
    ("rules/a.cc", '"analyzer/analyzer.h"', True),
    ("agent/launch/a.cc", '"probes/observation.h"', False),
    ("agent/a.cc", '"analyzer/analyzer.h"', True),
    ("agent/a.cc", '"detection/rule_set.h"', True),
    ("agent/shipper.cc", "<grpcpp/grpcpp.h>", False),
    ("agent/shipper.h", "<grpcpp/grpcpp.h>", True),
    ("agent/enricher.cc", '"gatewatch/v1/ingest.grpc.pb.h"', True),
    ("analyzer/a.cc", '"detection/rule_set.h"', False),
    ("analyzer/a.cc", '"agent/agent.h"', True),
    ("analyzer/a.cc", '"rules/shipped_rules.h"', True),
    ("analyzer/main.cc", '"rules/shipped_rules.h"', False),
    ("analyzer/query_service.cc", '"gatewatch/v1/query.grpc.pb.h"', False),
    ("analyzer/event_store.cc", '"analyzer/grpc_status.h"', True),
    ("analyzer/event_store.cc", "  <grpc/grpc.h>", True),
    ("cli/command_run.cc", '"agent/agent.h"', False),
    ("cli/command_run.cc", '"probes/host_support.h"', True),
    ("cli/command_doctor.cc", '"probes/host_support.h"', False),
    ("cli/command_doctor.cc", '"probes/observation.h"', True),
    ("cli/client.cc", '"grpcpp/grpcpp.h"', False),
    ("cli/command_alerts.cc", '"grpcpp/grpcpp.h"', True),
)


def self_test():
    """Plants each include alone, on line 3 of its file."""
    failures = 0
    for file, include, bad in PLANTED:
        with tempfile.TemporaryDirectory() as name:
            path = pathlib.Path(name, file)
            path.parent.mkdir(parents=True)
            path.write_text(f"// A file.\n\n#include {include}\n")
            found, files = violations(pathlib.Path(name))
        right = ([line.startswith(f"{file}:3: ") for line in found]
                 == [True] * bad and files == 1)
        if not right:
            failures += 1
            print(f"{file} with {include}: "
                  f"expected {'one' if bad else 'no'} violation, got {found}")
    print(f"{len(PLANTED)} includes planted, {failures} judged wrongly")
    return 1 if failures else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    found, files = violations(pathlib.Path(arguments[0]))
    for line in found:
        print(line)
    print(f"{files} files, {len(found)} includes against the arrows")
    return 1 if found or files == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
