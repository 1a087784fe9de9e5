"""The house's rules that a compiler cannot check: who includes whom, and what the sources say."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCES = {".cpp", ".hpp", ".py", ".txt", ".cmake", ".yaml", ".md", ".sh"}

# The rooms of the house, floor by floor: a room may include itself and what lies on the floors below it. Rooms on one
# floor do not know each other.
FLOORS = [
    ["sim"],
    ["sim/networks", "topologies"],
    ["algorithms/vectors"],
    ["algorithms/compressors", "algorithms/problems/data"],
    ["algorithms/problems/kernels"],
    ["algorithms/problems"],
    ["algorithms/problems/process"],
    ["algorithms/problems/networks"],
    ["algorithms/agent"],
    ["algorithms/decentralized", "algorithms/server", "algorithms/composite"],
    ["scenarios/lab/yaml"],
    ["scenarios/lab/trace"],
    ["scenarios/lab/scenario"],
    ["scenarios/lab/run"],
    ["scenarios/lab/sweep"],
    ["scenarios/lab/command"],
    ["tests"],
]
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
# What rooms do not know, though it lies below them.
STRANGERS = {
    "algorithms/vectors": ["topologies", "sim/networks"],
    "algorithms/compressors": ["topologies", "sim/networks"],
    "algorithms/problems/data": ["topologies", "sim/networks"],
    "algorithms/problems/kernels": ["topologies", "sim/networks", "algorithms/compressors"],
    "algorithms/problems": ["topologies", "sim/networks", "algorithms/compressors"],
    "algorithms/problems/process": ["topologies", "sim/networks", "algorithms/compressors"],
    "algorithms/problems/networks": ["topologies", "sim/networks", "algorithms/compressors"],
    "scenarios/lab/yaml": ["topologies", "algorithms"],
}
# Libraries that stay in their folders.
LIBRARIES = {
    "yaml-cpp/": {"scenarios", "tests"},
    "hdf5": {"scenarios", "tests"},
    "CLI/": {"scenarios"},
    "curl/": {"scenarios"},
    "boost/": {"topologies", "algorithms", "scenarios", "tests"},
    "Eigen/": {"topologies", "algorithms", "scenarios", "tests"},
    "Spectra/": {"topologies"},
    "torch/": {"algorithms/problems/networks", "tests/networks"},
}
TOP_LEVEL = {"sim", "algorithms", "topologies", "scenarios", "analysis", "tests", ".ci", "CMakeLists.txt", "CMakePresets.json",
             "Containerfile", ".dockerignore",
             "dev", "README.md", "CONTRIBUTING.md", "LICENSE", ".clang-format", ".clang-tidy", ".gitignore"}
LONGEST_FUNCTION = 70  # Lines.
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
MUTABLE_GLOBAL = re.compile(r"^((static|thread_local|inline)\s+)*(std::\w+(<.*>)?|int|double|bool)\s+\w+(\s*=.*|\{.*\})?;\s*$")


def tracked():
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    return [pathlib.Path(name) for name in names if name and (ROOT / name).exists()]


def room_of(path):
    """The room that a file of the project lies in: the longest known folder above it, or None."""
    return next((str(folder) for folder in path.parents if str(folder) in FLOOR_OF), None)


def may_include(room, other):
    if room == other:
        return True
    if any(other == stranger or other.startswith(stranger + "/") for stranger in STRANGERS.get(room, [])):
        return False
    return FLOOR_OF[other] < FLOOR_OF[room]


def faults_in_source(path, lines):
    folder = path.parts[0]
    room = room_of(path)
    if room is None:
        yield 1, f"{path.parent} is not a room of the house; FLOORS in tests/house_rules.py lists them"
        return
    for number, line in enumerate((line.split("//")[0].rstrip() for line in lines), 1):
        if match := INCLUDE.match(line):
            kind, header = match.groups()
            other = room_of(pathlib.Path(header)) if kind == '"' else None
            if other and not may_include(room, other):
                yield number, f"{room} must not include {header}, which is not below it"
            for library, allowed in LIBRARIES.items():
                if header.startswith(library) and not {folder, str(path.parent)} & allowed:
                    yield number, f"{path.parent} must not include {header}"
        elif MUTABLE_GLOBAL.match(line):
            yield number, "a mutable global"
        if re.search(r"\bstd::(rand|random_device|mt19937|shuffle|normal_distribution|uniform_\w+_distribution)\b", line):
            yield number, "own random streams only (sim/random.hpp): those of the standard library differ between libraries"
        if re.search(r"\bauto\b[^;=]*=\s*co_await.*\[", line):
            yield number, "name the lambda on the line before co_await"
    if path.suffix == ".hpp" and "#pragma once" not in lines:
        yield 1, "#pragma once is missing"


def faults_in_functions(lines):
    """Functions that are too long to be read at once. As the formatter sets them, they begin and end at the margin."""
    begin = None
    for number, line in enumerate(lines, 1):
        if line == "}" and begin:
            if number - begin + 1 > LONGEST_FUNCTION:
                yield begin, f"a function of {number - begin + 1} lines; at most {LONGEST_FUNCTION}"
            begin = None
        elif re.match(r"[A-Za-z].*[({]$|[A-Za-z].*,$", line) and not line.startswith(("namespace", "struct", "class", "enum")):
            begin = begin or number
        elif line.startswith("}"):
            begin = None


def faults_in_text(lines):
    for number, line in enumerate(lines, 1):
        if line != line.rstrip():
            yield number, "white space at the end of the line"
        if "\t" in line:
            yield number, "a tab"
        if re.search(r"\b(TODO|FIXME|XXX)\b", line):
            yield number, "unfinished business"


def faults_in_documents(paths):
    """The document of a folder names files that are there, or a reader's own: my_model.py, X.py."""
    for path in (path for path in paths if path.name == "README.md"):
        for number, line in enumerate((ROOT / path).read_text().split("\n"), 1):
            for name in re.findall(r"`([\w/]+\.(?:py|cpp|hpp|c|json))`", line):
                is_readers_own = re.search(r"\b(my_\w+|X)\.\w+$", name)
                if not is_readers_own and not any(f"/{other}".endswith(f"/{name}") for other in paths):
                    yield f"{path}:{number}: there is no {name}"


def main():
    faults = list(faults_in_documents(tracked()))
    for path in tracked():
        if path.parts[0] not in TOP_LEVEL:
            faults.append(f"{path}: not a top-level name of the house")
        if path.suffix not in SOURCES or path == pathlib.Path("tests/house_rules.py"):
            continue
        lines = (ROOT / path).read_text().split("\n")
        found = list(faults_in_text(lines))
        if path.suffix in {".cpp", ".hpp"}:
            found += faults_in_source(path, lines)
            if path.parts[0] != "tests":
                found += faults_in_functions(lines)
        faults += [f"{path}:{number}: {what}" for number, what in found]
    print("\n".join(faults) if faults else "the house is in order")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
