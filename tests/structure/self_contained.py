#!/usr/bin/env python3
"""self_contained.py OBJECT SECTION: fails when SECTION refers to anything.

What runs inside other processes is copied there by itself: a constant that
the compiler puts into another section would not be there.
"""

import re
import subprocess
import sys


def references(object_file, section):
    """What the relocations of the section name; None without the section."""
    sections = subprocess.run(["readelf", "-SW", object_file], text=True,
                              capture_output=True, check=True).stdout
    if not re.search(rf"\] {re.escape(section)} ", sections):
        return None
    listing = subprocess.run(["readelf", "-rW", object_file], text=True,
                             capture_output=True, check=True).stdout
    named = re.search(
        rf"Relocation section '\.rela?{re.escape(section)}'.*?\n\n",
        listing + "\n\n", re.S)
    return named.group(0).splitlines()[2:-1] if named else []


def main():
    object_file, section = sys.argv[1:]
    found = references(object_file, section)
    if found is None:
        sys.exit(f"{object_file} has no section {section}")
    for line in found:
        print(line)
    if found:
        sys.exit(f"{section} is not self-contained: it refers to these")


if __name__ == "__main__":
    main()
