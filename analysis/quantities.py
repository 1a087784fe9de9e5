"""How each metric is drawn: its label, its scale, and whether it counts something. Units come from the trace."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Quantity:
    label: str
    as_y: str = "linear"  # linear, log, or spread: log where the values span a decade
    is_count: bool = False
    is_budget: bool = False  # something that a run spends; as x it is log where runs end a decade apart

    @property
    def is_counted(self) -> bool:
        """Whether it counts what a run does and can only grow. Otherwise it says how well the run does."""
        return self.is_count or self.is_budget

    def scale(self, largest: float, unit: str) -> tuple[str, float]:
        """The multiple of the unit that suits numbers up to `largest`, and its worth: ("Mbit", 1e6) for "bit"."""
        if unit == "s":
            units = ((1e-9, "ns"), (1e-6, "µs"), (1e-3, "ms"), (1.0, "s"), (60.0, "min"), (3600.0, "h"))
            begins = {60.0: 600.0, 3600.0: 10800.0}  # minutes from 10 min on, hours from 3 h on
            fitting = [u for u in units if largest >= begins.get(u[0], u[0])] or [(1.0, "s")]
        elif unit == "bit":
            units = ((1.0, self._plain("bit")), (1e3, "kbit"), (1e6, "Mbit"), (1e9, "Gbit"), (1e12, "Tbit"), (1e15, "Pbit"))
            fitting = [u for u in units if largest >= u[0]] or units[:1]
        elif self.is_count and largest >= 1e5:
            fitting = [(1e6, "millions") if largest >= 1e6 else (1e3, "thousands")]
        else:
            fitting = [(1.0, unit)]
        worth, name = fitting[-1]
        return name, worth

    def axis(self, largest: float, unit: str, log: bool) -> tuple[str, float]:
        """The axis label, and what one axis unit is worth: ("bits sent per node (Mbit)", 1e6)."""
        # Log axes are labelled with powers of ten; a prefix on top of them would only be in the way.
        name, worth = (self._plain(unit), 1.0) if log else self.scale(largest, unit)
        name = name.replace("$", r"\$")  # a unit is not mathematics
        return (f"{self.label} ({name})" if name else self.label), worth

    def _plain(self, unit: str) -> str:
        """The unit without a prefix; "" where the label says it: "bits sent by all nodes"."""
        return "" if unit == "bit" and self.label.startswith("bits") else unit


QUANTITIES = {
    "iteration": Quantity("iterations", is_count=True),
    "updates": Quantity("updates", is_count=True),
    "epoch": Quantity("epochs", is_count=True),
    "gradients": Quantity("gradients computed", is_count=True, is_budget=True),
    "time": Quantity("simulated time", is_budget=True),
    "bits": Quantity("bits sent by all nodes", is_budget=True),
    "bits_up": Quantity("bits sent to the server", is_budget=True),
    "bits_down": Quantity("bits sent by the server", is_budget=True),
    "bits_per_node": Quantity("bits sent per node", is_budget=True),
    "bits_paper": Quantity("bits as the paper counts", is_budget=True),
    "loss": Quantity(r"training loss $f(x)$", as_y="spread"),
    "test_loss": Quantity("test loss", as_y="spread"),
    "grad_norm": Quantity(r"gradient norm $\Vert\nabla f(x)\Vert$", as_y="log"),
    "suboptimality": Quantity(r"suboptimality $f(x) - f^\star$", as_y="log"),
    "consensus": Quantity(r"consensus error $\mathrm{mean}_i\,\Vert x_i - \bar x\Vert^2$", as_y="log"),
    "compression_error": Quantity("compression error", as_y="log"),
    "contraction": Quantity("contraction of messages"),
    "train_accuracy": Quantity("training accuracy"),
    "test_accuracy": Quantity("test accuracy"),
    "validation_accuracy": Quantity("validation accuracy"),
    "sparsity": Quantity("sparsity (fraction of zeros)"),
    "node_loss": Quantity("training loss, mean of the nodes", as_y="spread"),
    "node_train_accuracy": Quantity("training accuracy, mean of the nodes"),
    "node_test_accuracy": Quantity("test accuracy, mean of the nodes"),
    "worst_test_accuracy": Quantity("test accuracy, worst node"),
}


def quantity(metric: str) -> Quantity:
    """How to draw a metric. One that is not listed here is drawn linearly under its own name."""
    return QUANTITIES.get(metric) or Quantity(metric.replace("_", " ").replace("$", r"\$"))
