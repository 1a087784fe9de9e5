"""Reads HDF5 files that may hold anything. Whatever is wrong with one is a `TraceError`, in one line.

Nothing outside the file is read, and nothing is read that the file cannot hold: a file of a few kilobytes can declare
terabytes, and a link in it can lead anywhere.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import resource
import stat
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np

from analysis.command import InputError, printable

MOST_BYTES = 2**30  # that are read of one data set
DENSEST = 1000  # how many times as large as the file a compressed data set may be
SEAL = b"\ngossamer-seal "
LARGEST_SEALED = 2**26  # bytes
OPEN_MARK = 20  # the byte that HDF5 sets while a program has the file open for writing
SHAPES = {1: "a column of numbers", 2: "a table of numbers", 3: "a table of vectors"}


class TraceError(InputError):
    """What is wrong with a trace, in one line that begins with the file's path."""


class File:
    """An open HDF5 file. Places in it are written without the first slash: "metrics/time"."""

    def __init__(self, path: Path, root: h5py.Group):
        self.path, self._root = path, root

    def fault(self, message: str) -> TraceError:
        """An error to raise."""
        return TraceError(f"{self.path}: {message}")

    def has(self, place: str) -> bool:
        return self._item(place) is not None

    def names(self, place: str) -> list[str]:
        """What a group contains; nothing if it is missing."""
        names = list(self._group(place) or ())
        for name in names:
            if not isinstance(name, str) or printable(name) != name:
                raise self.fault(f"/{place} has a name with characters that are not text")
        return names

    def attributes(self, place: str = "") -> dict[str, object]:
        """Strings as str, numbers as Python numbers, several values as a list."""
        item = self._item(place)
        return {} if item is None else {key: _plain(value) for key, value in item.attrs.items()}

    def numbers(self, place: str, dimensions: int, rows: slice = slice(None)) -> np.ndarray:
        """Rows of a data set; an error if it is missing, has other dimensions or is not of numbers."""
        data = self._item(place)
        if data is None:
            raise self.fault(f"has no /{place}")
        is_array = isinstance(data, h5py.Dataset) and data.shape is not None and data.ndim == dimensions
        if not is_array or data.dtype.kind not in "iuf" or data.dtype.itemsize > 8:
            raise self.fault(f"/{place} is not {SHAPES[dimensions]}")
        if data.external or data.is_virtual:
            raise self.fault(f"/{place} has its numbers in another file; a trace is one file")
        row = math.prod(data.shape[1:]) * data.dtype.itemsize
        chunk = math.prod(data.chunks or ()) * data.dtype.itemsize
        wanted = len(range(*rows.indices(len(data)))) * row
        if len(data) * row > DENSEST * self.path.stat().st_size or max(wanted, chunk) > MOST_BYTES:
            raise self.fault(f"/{place} declares {' x '.join(map(str, data.shape))} numbers, which are too many for this file")
        return data[rows]

    def texts(self, place: str) -> list[str]:
        """A column of texts; nothing if it is missing."""
        data = self._item(place)
        if data is None:
            return []
        is_column = isinstance(data, h5py.Dataset) and data.shape is not None and data.ndim == 1
        if not is_column or h5py.check_string_dtype(data.dtype) is None or data.external or data.is_virtual:
            raise self.fault(f"/{place} is not a column of texts")
        if len(data) > self.path.stat().st_size:
            raise self.fault(f"/{place} declares {len(data)} texts, which are too many for this file")
        return [str(_plain(text)) for text in data[:]]

    def _group(self, place: str) -> h5py.Group | None:
        group = self._item(place)
        if group is not None and not isinstance(group, h5py.Group):
            raise self.fault(f"/{place} is not a group")
        return group

    def _item(self, place: str) -> h5py.HLObject | None:
        """What lies at a place; None if nothing does."""
        if not place:
            return self._root
        above, _, name = place.rpartition("/")
        group = self._group(above)
        if group is None or (link := group.get(name, getlink=True)) is None:
            return None
        if not isinstance(link, h5py.HardLink):
            raise self.fault(f"/{place} is a link to elsewhere; a trace has no links")
        return group[name]


@contextlib.contextmanager
def opened(path: Path) -> Iterator[File]:
    """The file, to read. Do nothing else in the body: all that goes wrong there counts as damage of the file."""
    looks_sound = _looks_like_hdf5(path)
    if not _has_seal(path):
        _try_apart(path)
    try:
        with _unlocked(path) as root:
            yield File(path, root)
    except InputError:
        raise
    except Exception as error:  # damaged files raise all kinds
        if isinstance(error, OSError) and error.errno:
            raise TraceError(f"{path}: cannot be opened: {os.strerror(error.errno)}") from None
        reason = "a damaged HDF5 file" if looks_sound else "not an HDF5 file"
        raise TraceError(f"{path}: cannot be read as a trace: {reason} ({error})") from None


def _looks_like_hdf5(path: Path) -> bool:
    """Whether the file begins like one. An error if it is no file, or cannot be opened; HDF5 would wait for a FIFO."""
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            raise TraceError(f"{path}: is a directory; a trace is a file that 'gossamer run -o' wrote")
        if not stat.S_ISREG(mode):
            raise TraceError(f"{path}: is not a file but a pipe or a device")
        with open(path, "rb") as file:
            return file.read(8) == b"\x89HDF\r\n\x1a\n"
    except FileNotFoundError:
        raise TraceError(f"{path}: no such file") from None
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise TraceError(f"{path}: cannot be opened: {getattr(error, 'strerror', error)}") from None


def _unlocked(path: Path) -> h5py.File:
    """Without locks: whoever writes a trace renames it when it is whole, and some file systems have none."""
    return h5py.File(path, "r", locking=False)


def _try_apart(path: Path) -> None:
    """An error if HDF5 crashes or hangs on the file. It does on some bytes, and only a seal says that nobody changed them."""
    with h5py._objects.phil:  # No other thread is within HDF5, whose locks the child would wait for in vain.
        child = os.fork()
    if child == 0:
        try:
            _limit_resources()
            with _unlocked(path) as root:
                _read_all(root)
        finally:  # Exceptions are for the process itself to meet.
            os._exit(0)
    _, status = os.waitpid(child, 0)
    if status != 0:
        raise TraceError(f"{path}: cannot be read as a trace: a damaged HDF5 file (HDF5 cannot read it)")


def _limit_resources() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * os.sysconf("SC_PAGESIZE") + 4 * MOST_BYTES
    for what, limit in [(resource.RLIMIT_AS, most), (resource.RLIMIT_CPU, 5), (resource.RLIMIT_CORE, 0)]:
        resource.setrlimit(what, (limit, resource.getrlimit(what)[1]))
    os.close(2)


def _read_all(root: h5py.File) -> None:
    def visit(_: str, item: h5py.HLObject) -> None:
        with contextlib.suppress(Exception):
            dict(item.attrs)
            if isinstance(item, h5py.Dataset) and item.nbytes <= LARGEST_SEALED and not item.external:
                item[()]

    visit("", root)
    root.visititems(visit)


def _has_seal(path: Path) -> bool:
    """Whether the file ends with a seal, the hash of all before it. An error if it is another's: it has been damaged."""
    if path.stat().st_size > LARGEST_SEALED:
        return False
    content, mark, seal = path.read_bytes().rpartition(SEAL)
    if not mark or len(seal) != 65:
        return False  # Older traces have none, and those that another program has changed.
    content = content[:OPEN_MARK] + b"\0" + content[OPEN_MARK + 1 :]
    if hashlib.sha256(content).hexdigest().encode() + b"\n" != seal:
        raise TraceError(f"{path}: is damaged: its bytes are not those that were written")
    return True


def _plain(value: object) -> object:
    """An attribute as a plain Python value: h5py gives strings as str, bytes or numpy scalars, alone or in arrays."""
    if isinstance(value, np.ndarray):
        items = [_plain(item) for item in value.reshape(-1)]
        return items[0] if len(items) == 1 else items
    if isinstance(value, str):  # h5py keeps bytes that are not UTF-8 as surrogates
        value = value.encode(errors="surrogateescape")
    if isinstance(value, bytes):  # np.bytes_ is one; fixed-length strings are padded with NULs
        return value.rstrip(b"\0").decode(errors="replace")
    if isinstance(value, h5py.Empty):
        return None
    return value.item() if isinstance(value, np.generic) else value
