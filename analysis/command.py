"""What the commands share: one-line errors, exit codes, hints, and files that are written whole or not at all."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import os
import signal
import sys
import textwrap
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path


LONGEST_LINE = 4000  # letters of a message; what it quotes may be of any length


class InputError(Exception):
    """What is wrong with what the user gave, in one line: exit code 2."""


class Parser(argparse.ArgumentParser):
    """Refuses abbreviated options, and reports a mistake in one line (argparse itself would print the usage, too)."""

    def __init__(self, prog: str, description: str, **properties):
        formatter, description = argparse.RawDescriptionHelpFormatter, textwrap.fill(description, 100)
        super().__init__(prog, description=description, allow_abbrev=False, formatter_class=formatter, **properties)

    def error(self, message: str):
        raise InputError(f"{self.prog}: {message} (see --help)")


@contextlib.contextmanager
def importing(program: str) -> Iterator[None]:
    """For a command's imports: a missing package is reported in one line."""
    os.environ.pop("MPLBACKEND", None)  # figures need no backend, and matplotlib refuses to start with an unknown one
    os.environ.pop("SOURCE_DATE_EPOCH", None)  # nor have they a date, which matplotlib would read from it
    try:
        yield
    except ImportError as missing:
        say(f"{program}: {missing}; install Debian's python3-numpy, python3-h5py, python3-matplotlib, python3-yaml")
        sys.exit(2)


def exit_code(program: str, body: Callable[[], int]) -> int:
    """Runs the body. Returns its exit code, or 2 for bad input, 130 for an interrupt, 1 for an internal error."""
    warnings.showwarning = lambda message, *rest: say(f"{program}: note: {message}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # clean up as on ctrl-C
    try:
        return body()
    except InputError as error:
        say(error)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever reads the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except RecursionError:  # an alias within its own anchor, say
        say(f"{program}: the input is nested too deeply")
        return 2
    except Exception as error:
        say(f"{program}: internal error, please report it: {type(error).__name__}: {error}")
        return 1


def say(message: object) -> None:
    """Prints one line on standard error, whatever the message contains."""
    line = " ".join(printable(str(message)).split())
    print(line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]} …", file=sys.stderr)


def printable(text: str, kept: str = "") -> str:
    """The text with a space for each character that could control a terminal or break an SVG, except those `kept`."""
    return "".join(c if c.isprintable() or c in kept else " " for c in text)


def assignment(option: str, text: str, example: str) -> tuple[str, str]:
    """The two sides of "path=value"."""
    path, equals, value = (part.strip() for part in text.partition("="))
    if not path or not equals:
        raise InputError(f"{option} {text}: is not an assignment; write {example}")
    return path, value


def with_single_assignments(arguments: Iterable[str], option: str) -> list[str]:
    """The arguments with the option before each assignment, as several may follow one: "--set a=1 b=2"."""
    single: list[str] = []
    assigns = takes_value = False
    for argument in arguments:
        is_assignment = "=" in argument and not argument.startswith("-")
        if assigns and is_assignment and not takes_value:
            single.append(option)
        assigns = argument.partition("=")[0] == option or takes_value or (assigns and is_assignment)
        takes_value = argument == option
        single.append(argument)
    return single


def names(text: str) -> list[str]:
    """The argparse type of an option that takes several names: "a,b"."""
    found = [name.strip() for name in text.split(",")]
    if not all(found) or len(set(found)) < len(found):
        raise argparse.ArgumentTypeError(f"'{text}' is not a list of different names such as epoch,bits,time")
    return found


def suggestion(name: str, known: Iterable[str], there_are: str = "there are:") -> str:
    """A hint for an unknown name: "did you mean 'loss'? there are: bits, loss"."""
    known = list(known)
    near = difflib.get_close_matches(name, known, n=1)
    return (f"did you mean '{near[0]}'? " if near else "") + f"{there_are} {', '.join(known)}"


def write(path: Path, content: bytes) -> None:
    """Writes the whole file or nothing: a temporary file, then a rename. Follows links; refuses devices and pipes."""
    given, temporary = path, None
    try:
        path = path.resolve() if path.is_symlink() else path
        if path.is_dir():
            raise IsADirectoryError(None, "it is a directory")
        if path.exists() and not path.is_file():
            raise OSError(None, "it is not a file")
        temporary = path.with_name(f".gossamer-{os.getpid()}.tmp")  # not longer than the longest name that a file can have
        with open(temporary, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise InputError(f"{given}: cannot be written: {error.strerror or error}") from None
    finally:
        if temporary:
            with contextlib.suppress(OSError):  # it is gone after a rename, and was never made in a forbidden folder
                temporary.unlink()
