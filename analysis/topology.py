#!/usr/bin/python3
"""Draws the graph of a run, and its mixing matrix W with the spectral gap. See README.md.

Of a graph that changes from iteration to iteration, all edges are drawn, and the mean of the W of a period.
"""

from __future__ import annotations

import argparse
import math
import sys
from dataclasses import dataclass

from analysis.command import InputError, Parser, exit_code, importing, say, write

with importing("topology.py"):
    import numpy as np
    from matplotlib import ticker
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure

    from analysis import figures
    from analysis.figures import COLOURS
    from analysis.hdf5 import File, opened
    from analysis.labels import short
    from analysis.runs import Runs, add_run_options, chosen_runs
    from analysis.traces import Trace

MATRIX = "topology/mixing_matrix"
MOST_NODES = 1000
MOST_NUMBERED = 64
MOST_GRAPHS = 6
MOST_LINES = 5000
IN_A_CIRCLE = ("ring", "path", "complete", "exponential", "watts_strogatz", "one_peer_exponential", "random_matchings",
               "directed_ring", "directed_exponential")  # neighbours have near numbers


@dataclass(frozen=True, eq=False)
class Graph:
    name: str
    kind: str
    edges: np.ndarray  # [edge, 2]
    nodes: int
    mixing: np.ndarray | None = None  # W, or the mean of those of a period; None if there is a server
    gap: float | None = None  # None if it is not certified
    period: int = 1  # iterations until the graph is the same again
    directed: bool = False  # edges are (sender, receiver)
    names: tuple[str, ...] = ()  # as the file of the graph calls its nodes

    @property
    def has_server(self) -> bool:
        """Whether the last node is a server, as of a star, or of a star from a file where nothing is mixed."""
        is_star = len(self.edges) > 0 and bool((self.edges.max(axis=1) == self.nodes - 1).all())
        return self.kind == "star" or (self.kind == "file" and self.mixing is None and is_star)


def main(arguments: list[str] | None = None) -> int:
    def body() -> int:
        options = read_options(arguments)
        figure = draw(graphs_of(chosen_runs(options)), options)
        write(options.output, figures.render(figure, options.output))
        return 0

    return exit_code("topology.py", body)


def read_options(arguments: list[str] | None) -> argparse.Namespace:
    parser = Parser(
        "topology.py",
        usage="topology.py TRACE... -o FIGURE.svg|png|pdf [options]",
        description="Draws the graphs of the runs, each different graph once, and below each its mixing matrix W with "
        "the spectral gap.",
    )
    add_run_options(parser)
    figures.add_options(parser, "none")
    options = parser.parse_intermixed_args(arguments)
    figures.check_options("topology.py", options)
    return options


def graphs_of(runs: Runs) -> list[Graph]:
    """The different graphs and matrices, in the order of the runs."""
    found: dict[tuple, Graph] = {}
    for trace in runs:
        graph = read(trace)
        matrix = b"" if graph.mixing is None else graph.mixing.tobytes()
        found.setdefault((graph.kind, graph.edges.tobytes(), matrix), graph)
    if len(found) > MOST_GRAPHS:
        drawn = f"the first {MOST_GRAPHS} of {len(found)} graphs are drawn"
        say(f"topology.py: note: {drawn}; choose others with --where")
    return list(found.values())[:MOST_GRAPHS]


def read(trace: Trace) -> Graph:
    name, kind = trace.parameter("topology"), trace.parameters.get("topology.kind", "")
    with opened(trace.path) as file:
        edges = file.numbers("topology/edges", 2)
        mixing, gap, period = read_mixing(file) if file.has(MATRIX) else (None, None, 1)
        directed = bool(file.attributes("topology").get("directed", False))
        if edges.shape[1:] != (2,) or edges.dtype.kind not in "iu":
            raise file.fault("/topology/edges is not a list of pairs of node numbers")
        nodes = int(edges.max(initial=0)) + 1 if mixing is None else len(mixing)
        if nodes > MOST_NODES:
            raise file.fault(f"has {nodes} nodes; a figure can show up to {MOST_NODES}")
        if edges.min(initial=0) < 0 or edges.max(initial=0) >= nodes:
            raise file.fault(f"/topology/edges names a node that is none of its {nodes} nodes, 0 to {nodes - 1}")
        names = tuple(file.texts("topology/names"))
        if len(names) not in (0, nodes):
            raise file.fault(f"/topology/names has {len(names)} names for {nodes} nodes")
    return Graph(name, kind, edges.astype(int), nodes, mixing, gap, period, directed, names)


def read_mixing(file: File) -> tuple[np.ndarray, float | None, int]:
    """W or the mean of those of a period, the spectral gap if that is certified, and the period."""
    starts, columns, entries = (file.numbers(f"{MATRIX}/{part}", 1) for part in ("indptr", "indices", "data"))
    period = file.attributes(MATRIX).get("period", 1)
    if not isinstance(period, int) or period < 1 or (len(starts) - 1) % period != 0:
        raise file.fault(f"/{MATRIX}: 'period' is not a number of equal parts of its rows")
    nodes = (len(starts) - 1) // period
    if nodes > MOST_NODES:
        raise file.fault(f"has {nodes} nodes; a figure can show up to {MOST_NODES}")
    are_whole = starts.dtype.kind in "iu" and columns.dtype.kind in "iu"
    begins_and_ends = nodes > 0 and starts[0] == 0 and starts[-1] == len(columns) == len(entries)
    is_sound = are_whole and begins_and_ends and (starts[:-1] <= starts[1:]).all() and np.isfinite(entries).all()
    if not is_sound or not ((0 <= columns) & (columns < nodes)).all():
        raise file.fault(f"/{MATRIX} is not a square matrix in compressed rows")
    gap = file.attributes(MATRIX).get("spectral_gap")
    if gap is not None and not (isinstance(gap, (int, float)) and math.isfinite(gap)):
        raise file.fault(f"/{MATRIX}: 'spectral_gap' is not a number")
    mixing = np.zeros((nodes, nodes))
    rows = np.repeat(np.arange(nodes * period) % nodes, np.diff(starts).astype(int))
    np.add.at(mixing, (rows, columns), entries / period)
    return mixing, gap, period


# --- positions of the nodes ---


def layout(graph: Graph) -> np.ndarray:
    """Positions [node, 2], roughly within the unit square."""
    if graph.has_server:
        return np.vstack([circle(graph.nodes - 1), np.zeros(2)])  # the server, which has the last number, in the middle
    if graph.kind in ("torus", "grid"):
        return rectangle(graph)
    return circle(graph.nodes) if graph.kind in IN_A_CIRCLE else springs(graph)


def circle(nodes: int) -> np.ndarray:
    angles = math.pi / 2 - 2 * math.pi * np.arange(nodes) / max(nodes, 1)
    return np.column_stack([np.cos(angles), np.sin(angles)])


def rectangle(graph: Graph) -> np.ndarray:
    """Rows of nodes in the order of their numbers: the most nearly square r x c with r <= c."""
    rows = next(r for r in range(math.isqrt(graph.nodes), 0, -1) if graph.nodes % r == 0)
    columns = graph.nodes // rows
    row, column = np.divmod(np.arange(graph.nodes), columns)
    return np.column_stack([column - (columns - 1) / 2, (rows - 1) / 2 - row]) / max(columns - 1, 1) * 2


def springs(graph: Graph, steps: int = 300) -> np.ndarray:
    """The method of Fruchterman and Reingold, from a circle: edges pull, nodes repel, and steps shrink over time."""
    place, length = circle(graph.nodes), 2 / math.sqrt(graph.nodes)
    u, v = graph.edges.T
    for step in range(steps):
        apart = place[:, None] - place[None]
        distance = np.maximum(np.linalg.norm(apart, axis=2), 1e-3)
        force = (apart * (length**2 / distance**2)[..., None]).sum(axis=1)
        pull = (place[u] - place[v]) * (np.linalg.norm(place[u] - place[v], axis=1) / length)[:, None]
        np.add.at(force, u, -pull)
        np.add.at(force, v, pull)
        size = np.maximum(np.linalg.norm(force, axis=1, keepdims=True), 1e-9)
        place = place + force / size * np.minimum(size, 0.1 * (1 - step / steps))
    place = place - place.mean(axis=0)
    return place / max(np.abs(place).max(), 1e-9)


def segments(graph: Graph, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The edges as lines. Those that close the rows and columns of a torus become stubs at both ends."""
    ends = place[graph.edges]
    if graph.kind != "torus" or len(ends) == 0:
        return ends, np.empty((0, 2, 2))
    lengths = np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)
    closes = lengths > 1.5 * lengths.min()
    outwards = (ends[:, 0] - ends[:, 1])[closes] / lengths[closes, None] * 0.45 * lengths.min()
    one, other = ends[closes, 0], ends[closes, 1]
    return ends[~closes], np.concatenate([np.stack([one, one + outwards], 1), np.stack([other, other - outwards], 1)])


# --- drawing ---


def draw(graphs: list[Graph], options: argparse.Namespace) -> Figure:
    has_mixing = any(graph.mixing is not None for graph in graphs)
    rows = 1 + has_mixing
    figure = figures.new(max(2.6 * len(graphs), 3.4), 2.6 * rows + 0.2)
    panels = figure.subplots(rows, len(graphs), squeeze=False)
    most = max((graph.mixing.max() for graph in graphs if graph.mixing is not None), default=1.0)
    least = min((graph.mixing.min() for graph in graphs if graph.mixing is not None), default=0.0)
    shown = None
    for i, graph in enumerate(graphs):
        draw_graph(panels[0][i], graph)
        if graph.mixing is not None:
            shown = draw_mixing(panels[1][i], graph, least, most)
        elif has_mixing:
            panels[1][i].remove()
    if shown is not None:
        figure.colorbar(shown, ax=[axes for axes in panels[1] if axes.figure], shrink=0.8, label=r"$W_{ij}$")
    figures.set_title(figure, options.title, None)
    return figure


def draw_graph(axes, graph: Graph) -> None:
    place = layout(graph)
    numbered = graph.nodes <= MOST_NUMBERED
    thin = max(0.15, min(0.9, 100 / max(len(graph.edges), 1)))
    direct, stubs = segments(graph, place)
    many = len(graph.edges) > MOST_LINES  # as pixels, not line by line
    axes.add_collection(LineCollection(direct, colors="#777777", linewidths=thin, rasterized=many))
    axes.add_collection(LineCollection(stubs, colors="#777777", linewidths=thin, linestyles=(0, (2, 1.5))))
    server = np.zeros(graph.nodes, bool)
    server[-1:] = graph.has_server
    size = max(8.0, min(110.0, 2400 / graph.nodes)) if numbered else 6
    for who, marker, colour in ((~server, "o", COLOURS[0]), (server, "s", COLOURS[1])):
        axes.scatter(*place[who].T, s=size, marker=marker, color=colour, edgecolors="white", linewidths=0.6, zorder=2)
    if numbered:
        for i, (x, y) in enumerate(place):
            axes.text(x, y, str(i), ha="center", va="center", color="white", fontsize=min(7.0, 3 + 40 / graph.nodes))
            if graph.names:
                axes.annotate(short(graph.names[i], 20), (x, y), xytext=(0, -7), textcoords="offset points", ha="center",
                              va="top", fontsize=min(6.0, 3 + 40 / graph.nodes), parse_math=False)
    axes.set_aspect("equal")
    # Not the span of the nodes: one or two nodes span nothing.
    reach = 1.15 * max(1.0, np.abs(stubs).max(initial=0))
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach))
    axes.axis("off")
    count = f"{graph.nodes - 1} workers and a server" if server.any() else f"{graph.nodes} nodes"
    links = f"{len(graph.edges)} {'arcs' if graph.directed else 'edges'}"
    axes.set_title(f"{short(graph.name)}: {count}, {links}", parse_math=False, wrap=True)


def draw_mixing(axes, graph: Graph, least: float, most: float):
    gap = "not certified" if graph.gap is None else f"{graph.gap:.4g}"
    axes.set_title(f"spectral gap {gap}" + (f", mean of {graph.period} W" if graph.period > 1 else ""))
    axes.grid(False)
    # White: no entry. Darker is larger, in print too.
    shown = axes.imshow(np.where(graph.mixing != 0, graph.mixing, np.nan), cmap="viridis_r", vmin=least, vmax=most,
                        interpolation="nearest")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(ticker.MaxNLocator(6, integer=True, min_n_ticks=1))
    axes.set_xlabel("node j")
    axes.set_ylabel("node i")
    return shown


if __name__ == "__main__":
    sys.exit(main())
