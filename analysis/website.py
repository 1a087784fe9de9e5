#!/usr/bin/python3
"""Builds the documentation as a site: the READMEs, what `gossamer list` says, and a gallery of figures. See README.md."""

from __future__ import annotations

import argparse
import dataclasses
import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from analysis.command import InputError, Parser, exit_code, importing

with importing("website.py"):
    import yaml

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("algorithms", "analysis", "scenarios", "sim", "tests", "topologies")
FIGURE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<file>[^)]+)\)")
FENCE = re.compile(r"```.*?```", re.DOTALL)


@dataclasses.dataclass(frozen=True)
class Figure:
    """A figure of a README, with the commands that make it."""

    page: str  # the README that has it, from the root
    file: str
    alt: str
    caption: str
    commands: list[str]


def main(arguments: list[str] | None = None) -> int:
    def body() -> int:
        options = read_options(arguments)
        mkdocs = shutil.which("mkdocs")
        if not mkdocs:
            raise InputError("website.py: mkdocs is missing; install Debian's mkdocs, or ./dev setup --site")
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "docs"
            write_source(source, reference(options.gossamer))
            config = Path(folder) / "mkdocs.yml"
            config.write_text(yaml.safe_dump(settings(source, options.output.resolve())), encoding="utf-8")
            # A link that leads nowhere is an error.
            done = subprocess.run([mkdocs, "build", "--strict", "--quiet", "-f", config], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(" ".join(done.stderr.split()))
        print(options.output / "index.html")
        return 0

    return exit_code("website.py", body)


def read_options(arguments: list[str] | None) -> argparse.Namespace:
    parser = Parser("website.py", description="Builds the documentation as a site, with mkdocs.")
    add = parser.add_argument
    add("-o", "--output", type=Path, default=ROOT / "build/site", metavar="DIR", help="where (default: build/site)")
    help = "the command, which lists what scenarios can name (default: build/release/gossamer)"
    add("--gossamer", type=Path, default=ROOT / "build/release/gossamer", metavar="FILE", help=help)
    return parser.parse_args(arguments)


# --- pages ---


def pages() -> list[str]:
    """The documents, from the root, each folder's README before those below it."""
    found = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    for folder in FOLDERS:
        found += sorted((ROOT / folder).rglob("README.md"), key=lambda path: path.parent.parts)
    return [path.relative_to(ROOT).as_posix() for path in found]


def write_source(source: Path, lists: str) -> None:
    """The folder that mkdocs reads: the documents, the files that they show or link to, and the pages that are made."""
    for page in pages():
        text = (ROOT / page).read_text(encoding="utf-8")
        write(source / page, with_links(page, text))
        for file in re.findall(r"\]\(([^)#:]+)\)", text):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(page), file))
            if not target.endswith(".md") and (ROOT / target).is_file():
                (source / target).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / target, source / target)
    write(source / "reference.md", lists)
    write(source / "gallery.md", gallery())


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def with_links(page: str, text: str) -> str:
    """The document with a link wherever it names another one or its folder: `sim/README.md`, `../wan`."""
    known = set(pages())

    def link(span: re.Match) -> str:
        named = span[1].rstrip("/")
        for base in ("", posixpath.dirname(page)):
            target = posixpath.normpath(posixpath.join(base, named))
            for document in (target, f"{target}/README.md"):
                if document in known and document != page:
                    return f"[{span[0]}]({posixpath.relpath(document, posixpath.dirname(page) or '.')})"
        return span[0]

    def outside_of_code(part: str) -> str:
        lines = part.split("\n")
        return "\n".join(line if line.startswith("    ") else re.sub(r"(?<!\[)`([\w./]+)`", link, line) for line in lines)

    parts, end = [], 0
    for fence in FENCE.finditer(text):
        parts += [outside_of_code(text[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*parts, outside_of_code(text[end:])])


def reference(gossamer: Path) -> str:
    """What `gossamer list` says, a heading for each list."""
    try:
        listed = subprocess.run([gossamer, "list"], capture_output=True, text=True, check=True).stdout
    except OSError as error:
        raise InputError(f"website.py: {gossamer}: {error.strerror}; build it, or name it with --gossamer") from None
    text = "# Reference\n\nWhat a scenario can name, with keys and defaults, as `gossamer list` prints it.\n"
    for line in listed.splitlines():
        text += f"    {line}\n" if line.startswith(" ") or not line else f"\n## {line}\n\n"
    return text


def settings(source: Path, output: Path) -> dict:
    return {
        "site_name": "Gossamer",
        "docs_dir": str(source),
        "site_dir": str(output),
        "use_directory_urls": False,  # so that it can be read from a disk
        # Not readthedocs: in Debian's, files are missing that its pages name, and its menu does not work.
        "theme": {"name": "mkdocs", "highlightjs": False},
        "markdown_extensions": ["tables", "fenced_code", "toc"],
        "nav": [
            {"Gossamer": "README.md"},
            {"Gallery": "gallery.md"},
            {"Reference": "reference.md"},
            *({folder: [{title(page): page} for page in pages() if page.startswith(f"{folder}/")]} for folder in FOLDERS),
            {"Contributing": "CONTRIBUTING.md"},
        ],
    }


def title(page: str) -> str:
    heading = (ROOT / page).read_text(encoding="utf-8").split("\n", 1)[0]
    return heading.lstrip("# ").partition(":")[0] if heading.startswith("#") else page


# --- the gallery ---


def gallery() -> str:
    text = "# Gallery\n\nThe figures of the scenarios, each with the command that makes it.\n"
    # A figure that several documents show is that of the last one, which is nearest to it.
    last = {path(figure): page for page in pages() for figure in figures(page)}
    for page in pages():
        those = [f for f in figures(page) if last[path(f)] == page and path(f).startswith("scenarios/")]
        if those:
            text += f"\n## [{title(page)}]({page})\n"
        for figure in those:
            text += f"\n![{figure.alt}]({path(figure)})\n\n"
            text += f"{figure.caption}\n\n" if figure.caption else ""
            text += "".join(f"    {command}\n" for command in figure.commands)
    return text


def path(figure: Figure) -> str:
    """The figure's file, from the root."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(figure.page), figure.file))


def figures(page: str) -> Iterator[Figure]:
    """The figures of a README. A figure's commands are those of the block that writes it, or else paper_figures.py, or
    ./dev with the figure's name."""
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = [block.splitlines() for block in re.findall(r"(?m)(?:^    \S.*\n(?:^     .*\n)*)+", text)]
    for found in FIGURE.finditer(text):
        file = found["file"]
        lines = [line for block in blocks if any(f"-o {file}" in line for line in block) for line in block]
        commands = [line.strip() for line in lines if f"-o {file}" in line or " sweep " in line or " run " in line]
        stem = Path(file).stem
        if not commands and (of_paper := re.search(r"(?m)^    (analysis/paper_figures\.py \S+)", text)):
            commands = [f"{of_paper[1]} --only {stem}"]
        if not commands and (of_dev := re.search(rf"(?m)^    (\./dev {re.escape(stem)})\b", text)):
            commands = [of_dev[1]]
        caption = re.match(r"\n+(?:!\[.*\n+)*(\*[^*]+\*)\n", text[found.end() :])
        yield Figure(page, file, found["alt"], caption[1] if caption else "", commands)


if __name__ == "__main__":
    sys.exit(main())
