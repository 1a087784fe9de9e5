"""Runs the unittests of a folder for CTest: unittests.py FOLDER [PATTERN]

Exit code 77, which CTest reports as skipped, where all were skipped for what this machine lacks. Where only some were, CTest
could say nothing true of the whole: that is a failure, and such tests belong in a file and an entry of their own.
"""

import sys
import unittest

SKIPPED = 77


def main(folder: str, pattern: str = "test_*.py") -> int:
    result = unittest.TextTestRunner().run(unittest.defaultTestLoader.discover(folder, pattern))
    if not result.wasSuccessful() or result.testsRun == 0:
        return 1
    for test, reason in result.skipped:
        print(f"skipped: {test}: {reason}", file=sys.stderr)
    if not result.skipped:
        return 0
    if len(result.skipped) == result.testsRun:
        return SKIPPED
    print("only some tests were skipped; these belong in a file of their own", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
