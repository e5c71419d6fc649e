#!/usr/bin/env python3
"""bench/lint_rate.py [FILES]: how long gatewatch lint takes for a folder.

Makes so many files (1,000) of all kinds out of tests/data/lint and lints them
with build/release, three times. Prints the median.
"""

import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = pathlib.Path(os.environ.get("GATEWATCH_BIN", ROOT / "build/release/bin"))


def main():
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    samples = sorted((ROOT / "tests/data/lint").glob("*/*"))
    with tempfile.TemporaryDirectory() as name:
        for i in range(wanted):
            sample = samples[i % len(samples)]
            folder = pathlib.Path(name, f"service-{i // 20}")
            folder.mkdir(exist_ok=True)
            shutil.copy(sample, folder / f"{i}-{sample.name}")
        times = []
        for _ in range(3):
            begin = time.monotonic()
            done = subprocess.run([BIN / "gatewatch", "lint", name],
                                  stdout=subprocess.PIPE, text=True,
                                  check=False)
            times.append(time.monotonic() - begin)
        print(done.stdout.splitlines()[-1])
        print(f"{wanted} files: {statistics.median(times):.2f} s")


if __name__ == "__main__":
    main()
