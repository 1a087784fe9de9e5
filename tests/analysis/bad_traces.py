"""Bad traces: a sound one with a single fault, for every place that can have one. `test_bad_traces.py` reads them."""

import functools
import io
import os

import h5py
import numpy as np
from traces_for_tests import MEANINGS, metrics, say_meaning

SCENARIO = """\
name: A run
seed: 1
topology: {kind: ring, nodes: 3}
network: {model: store_and_forward, bandwidth: 10 Mbit/s, latency: 1 ms}
algorithm: {kind: dgd, step_size: 1e-3}
"""
HUGE = 2**38  # rows; nothing is stored of them


@functools.cache
def sound():
    """The bytes of a trace with all that any tool reads."""
    content = io.BytesIO()
    with h5py.File(content, "w") as h5:
        h5.attrs.update({"format": "gossamer-trace", "format_version": 1, "status": "complete", "scenario": SCENARIO, "seed": 1})
        h5.attrs["sweep"] = "{seed: 1}"
        for name, column in metrics().items():
            h5[f"metrics/{name}"] = column
            say_meaning(h5[f"metrics/{name}"], *MEANINGS.get(name, ("", "")))
        h5["nodes/compute_time"] = np.outer(np.arange(21), [0.1, 0.2, 0.3])
        h5["vectors/gradient"] = np.ones((21, 3, 2))
        h5["layers"] = np.array([1, 1])
        h5["topology/edges"] = np.array([[0, 1], [1, 2], [0, 2]], np.int32)
        h5["topology/mixing_matrix/data"] = np.full(9, 1 / 3)
        h5["topology/mixing_matrix/indices"] = np.tile(np.arange(3, dtype=np.int32), 3)
        h5["topology/mixing_matrix/indptr"] = np.arange(0, 10, 3, dtype=np.int32)
        h5["topology/mixing_matrix"].attrs["spectral_gap"] = 1.0
    return content.getvalue()


# --- the file itself ---


def _fifo_for_a_link(path):
    os.mkfifo(path.with_suffix(".fifo"))
    path.symlink_to(path.with_suffix(".fifo"))


FILES = {
    "nothing": lambda path: None,
    "an empty file": lambda path: path.touch(),
    "a text": lambda path: path.write_text("no HDF5\n" * 100),
    "zeros": lambda path: path.write_bytes(bytes(5000)),
    "a signature": lambda path: path.write_bytes(sound()[:8]),
    "half a file": lambda path: path.write_bytes(sound()[: len(sound()) // 2]),
    "all but the last byte": lambda path: path.write_bytes(sound()[:-1]),
    "only the first block": lambda path: path.write_bytes(sound()[:512] + bytes(len(sound()) - 512)),
    "an empty HDF5 file": lambda path: h5py.File(path, "w").close(),
    "a directory": lambda path: path.mkdir(),
    "a FIFO": lambda path: os.mkfifo(path),
    "a link to a FIFO": _fifo_for_a_link,
    "a link to nothing": lambda path: path.symlink_to("gone.h5"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a device": lambda path: path.symlink_to("/dev/zero"),
}


# --- what a data set can be instead ---


def _text(h5, name, old):
    h5[name] = np.array([b"a", b"b"])


def _declared(**properties):
    def make(h5, name, old):
        h5.create_dataset(name, (HUGE, *old.shape[1:]), old.dtype, **properties)

    return make


def _filled(value):
    def make(h5, name, old):
        h5[name] = np.full(old.shape, value, float)

    return make


def _in_another_file(h5, name, old):
    h5.create_dataset(name, old.shape, old.dtype, external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)])


def _virtual(h5, name, old):
    layout = h5py.VirtualLayout(old.shape, old.dtype)
    layout[...] = h5py.VirtualSource("/etc/passwd", "data", old.shape)
    h5.create_virtual_dataset(name, layout)


def _link_to_a_fifo(h5, name, old):
    fifo = h5.filename + ".fifo"
    os.mkfifo(fifo)
    h5[name] = h5py.ExternalLink(fifo, "/data")


def _put(of):
    """Puts in place what the function makes of the old values."""

    def make(h5, name, old):
        h5[name] = of(old)

    return make


DATA = {
    "missing": lambda h5, name, old: None,
    "a group": lambda h5, name, old: h5.create_group(name),
    "a named type": _put(lambda old: np.dtype("f8")),
    "text": _text,
    "strings": lambda h5, name, old: h5.create_dataset(name, data=["ä"] * len(old), dtype=h5py.string_dtype()),
    "records": _put(lambda old: np.zeros(len(old), [("a", "f8"), ("b", "i4")])),
    "complex numbers": _put(lambda old: old.astype(complex)),
    "long numbers": _put(lambda old: old.astype(np.longdouble)),
    "truths": _put(lambda old: old > 0),
    "lists": lambda h5, name, old: h5.create_dataset(name, (len(old),), h5py.vlen_dtype(float)),
    "references": lambda h5, name, old: h5.create_dataset(name, (len(old),), h5py.ref_dtype),
    "raw bytes": _put(lambda old: np.zeros(len(old), "V16")),
    "one number": _put(lambda old: 1.0),
    "no value at all": _put(lambda old: h5py.Empty("f8")),
    "no rows": _put(lambda old: old[:0]),
    "a row too few": _put(lambda old: old[:-1]),
    "a row too many": _put(lambda old: np.concatenate([old, old[-1:]])),
    "one more dimension": _put(lambda old: old[..., None]),
    "rows without numbers": _put(lambda old: np.zeros((len(old), 0))),
    "2^38 rows": _declared(),
    "2^38 rows in chunks": _declared(chunks=True),
    "2^38 rows, compressed": _declared(chunks=True, compression="gzip"),
    "NaN": _filled(np.nan),
    "infinity": _filled(np.inf),
    "minus infinity": _filled(-np.inf),
    "1e300": _filled(1e300),
    "-1": _filled(-1),
    "a soft link to nothing": _put(lambda old: h5py.SoftLink("/gone")),
    "a soft link to itself": lambda h5, name, old: h5.__setitem__(name, h5py.SoftLink("/" + name)),
    "an external link to nothing": _put(lambda old: h5py.ExternalLink("gone.h5", "/data")),
    "an external link to a FIFO": _link_to_a_fifo,
    "an external link to a text": _put(lambda old: h5py.ExternalLink("/etc/passwd", "/data")),
    "raw data in another file": _in_another_file,
    "a virtual data set": _virtual,
}
GROUPS = {
    "missing": DATA["missing"],
    "a data set": lambda h5, name, old: h5.create_dataset(name, data=np.arange(3.0)),
    "empty": DATA["a group"],
    "a named type": DATA["a named type"],
    "a soft link to nothing": DATA["a soft link to nothing"],
    "a soft link to the root": lambda h5, name, old: h5.__setitem__(name, h5py.SoftLink("/")),
    "an external link to nothing": DATA["an external link to nothing"],
    "an external link to a FIFO": DATA["an external link to a FIFO"],
}


# --- what an attribute can be instead ---

ATTRIBUTES = {
    "a list of strings": ["a", "b"],
    "a list of numbers": [1, 2],
    "an empty list": np.zeros(0),
    "no value": h5py.Empty("f8"),
    "an empty string": "",
    "a string": "maybe",
    "bytes that are no UTF-8": np.bytes_(b"\xff\xfe\x00\xff"),
    "a string that is no UTF-8": np.array(b"\xff\xfe", dtype=h5py.string_dtype()),
    "control characters": "\x1b[31m\x07\x7f\n",
    "a long string": "long " * 6000,
    "mathematics": r"$\frac{$",
    "a number": 7,
    "a negative number": -1,
    "NaN": float("nan"),
    "infinity": float("inf"),
    "records": np.zeros(2, [("a", "f8"), ("b", "i4")]),
    "a truth": True,
    "a complex number": 1j,
}


def _nested(depth):
    return "a: " + "[" * depth + "]" * depth


def _laughs(width=9, depth=12):
    """A text of a few lines whose aliases stand for a billion values."""
    lines = ["a0: &a0 {" + ", ".join(f"k{i}: lol" for i in range(width)) + "}"]
    for level in range(1, depth):
        lines.append(f"a{level}: &a{level} {{" + ", ".join(f"k{i}: *a{level - 1}" for i in range(width)) + "}")
    return "\n".join(lines)


TEXTS = {  # of the attributes that are YAML
    "an open bracket": "name: [",
    "a list": "[a, b]",
    "a tag": "name: !!python/object/apply:os.system [true]",
    "a key that is a list": "{[a]: b}",
    "a key that is a map": "{{a: b}: c}",
    "two documents": "a: b\n---\nc: d",
    "an unknown alias": "a: *b",
    "an alias of itself": "&a {b: *a}",
    "a list of itself": "a: &a [*a]",
    "a billion laughs": _laughs(),
    "a billion laughs in lists": _laughs().replace("k0: ", "").replace("{", "[").replace("}", "]"),
    "very deep": _nested(5000),
    "empty keys": "{'': {'': 1}}",
    "maps for names": "name: {a: b}\nseed: [1]\nalgorithm: [dgd]\nnetwork: fast",
    "a long name": "name: " + "long" * 5000,
    "a long name of words": "name: " + "long " * 5000,
    "mathematics": r"name: $\frac{$",
    "control characters": r'name: "\x1b[31m\x07\x7f\n"',
    "a lone surrogate": r'name: "\ud800"',
}


# --- faults that only one tool can find ---


def _set(name, values):
    def change(h5):
        del h5[name]
        h5[name] = values

    return change


W = "topology/mixing_matrix"
GRAPHS = {
    "mathematics as a name": lambda h5: h5.attrs.__setitem__("scenario", r"topology: $\frac{$"),
    "a long name": lambda h5: h5.attrs.__setitem__("scenario", "topology: {kind: " + "long" * 5000 + "}"),
    "edges beyond W": _set("topology/edges", [[0, 1], [1, 3]]),
    "edges far beyond W": _set("topology/edges", np.array([[0, 2**63]], np.uint64)),
    "fractions as edges": _set("topology/edges", [[0.5, 1.5]]),
    "an odd number of ends": _set("topology/edges", [0, 1, 2]),
    "three ends": _set("topology/edges", [[0, 1, 2]]),
    "columns beyond W": _set(f"{W}/indices", [0, 1, 2, 0, 1, 3, 0, 1, 2]),
    "negative columns": _set(f"{W}/indices", [0, 1, 2, 0, 1, -1, 0, 1, 2]),
    "rows that go back": _set(f"{W}/indptr", [0, 6, 3, 9]),
    "rows that begin late": _set(f"{W}/indptr", [1, 3, 6, 9]),
    "rows that end early": _set(f"{W}/indptr", [0, 3, 6, 8]),
    "a million rows": _set(f"{W}/indptr", np.zeros(1_000_001, np.int32)),
    "no row": _set(f"{W}/indptr", [0]),
    "a period of no equal parts": lambda h5: h5[W].attrs.__setitem__("period", 2),
    "a period of 0": lambda h5: h5[W].attrs.__setitem__("period", 0),
}


def bad_insides(data=(), groups=(), attributes=()):
    """Changes of a sound trace, by name. Each is a function of the open file."""

    def replaced(name, make):
        def change(h5):
            old = h5[name][()] if isinstance(h5[name], h5py.Dataset) else None
            del h5[name]
            make(h5, name, old)

        return change

    def given(name, key, value):
        def change(h5):
            h5[name].attrs[key] = value

        return change

    found = {f"{name}: {what}": replaced(name, make) for name in data for what, make in DATA.items()}
    found |= {f"{name}: {what}": replaced(name, make) for name in groups for what, make in GROUPS.items()}
    for name, key in attributes:
        values = ATTRIBUTES | (TEXTS if key in ("scenario", "sweep") else {})
        found |= {f"{name}@{key}: {what}": given(name, key, value) for what, value in values.items()}
    return found


ROOT_ATTRIBUTES = [("/", key) for key in ("format", "format_version", "status", "diverged_at", "scenario", "sweep")]
READ_BY_ALL = bad_insides(
    ["metrics/time", "metrics/grad_norm"],
    ["metrics"],
    [*ROOT_ATTRIBUTES, ("metrics/time", "unit"), ("metrics/time", "better")],
)
READ_BY_ONE = {
    "time_split": bad_insides(["nodes/compute_time"], ["nodes"]),
    "histograms": bad_insides(["vectors/gradient", "layers"], ["vectors"]),
    "topology": GRAPHS
    | bad_insides(
        ["topology/edges", f"{W}/data", f"{W}/indices", f"{W}/indptr"], ["topology", W], [(W, "spectral_gap")]
    ),
}


def write_bad(path, change):
    path.write_bytes(sound())
    with h5py.File(path, "r+") as h5:
        change(h5)
