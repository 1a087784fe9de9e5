"""What each metric is called on an axis, its scale and unit there, and which way it gets better."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Quantity:
    label: str
    as_y: str = "linear"  # linear, log, or spread: log where the values span a decade
    unit: str = ""  # bit, s, or "": a count or a pure number
    is_count: bool = False
    is_budget: bool = False  # something that a run spends: as x it is log where runs end a decade apart
    higher_is_better: bool = False

    @property
    def is_counted(self) -> bool:
        """Whether it counts what a run does, and can only grow; else it says how well the run does."""
        return self.is_count or self.is_budget

    def scale(self, largest: float) -> tuple[str, float]:
        """The unit that suits numbers up to `largest`, and what it is worth: ("Mbit", 1e6)."""
        if self.unit == "s":
            units = ((1e-9, "ns"), (1e-6, "µs"), (1e-3, "ms"), (1.0, "s"), (60.0, "min"), (3600.0, "h"))
            begins = {60.0: 600.0, 3600.0: 10800.0}  # minutes from 10 min on, hours from 3 h on
            fitting = [u for u in units if largest >= begins.get(u[0], u[0])] or [(1.0, "s")]
        elif self.unit == "bit":
            units = ((1.0, ""), (1e3, "kbit"), (1e6, "Mbit"), (1e9, "Gbit"), (1e12, "Tbit"), (1e15, "Pbit"))
            fitting = [u for u in units if largest >= u[0]] or [(1.0, "")]
        elif self.is_count and largest >= 1e5:
            fitting = [(1e6, "millions") if largest >= 1e6 else (1e3, "thousands")]
        else:
            fitting = [(1.0, "")]
        worth, name = fitting[-1]
        return name, worth

    def axis(self, largest: float, log: bool) -> tuple[str, float]:
        """The axis label, and what one axis unit is worth: ("bits sent per node (Mbit)", 1e6)."""
        # Decades are written as powers; a prefix on top of them would only be in the way.
        unit, worth = (self.unit if self.unit == "s" else "", 1.0) if log else self.scale(largest)
        return (f"{self.label} ({unit})" if unit else self.label), worth


QUANTITIES = {
    "iteration": Quantity("iterations", is_count=True),
    "epoch": Quantity("epochs", is_count=True),
    "gradients": Quantity("gradients computed", is_count=True, is_budget=True),
    "time": Quantity("simulated time", unit="s", is_budget=True),
    "bits": Quantity("bits sent by all nodes", unit="bit", is_budget=True),
    "bits_up": Quantity("bits sent to the server", unit="bit", is_budget=True),
    "bits_down": Quantity("bits sent by the server", unit="bit", is_budget=True),
    "bits_per_node": Quantity("bits sent per node", unit="bit", is_budget=True),
    "bits_paper": Quantity("bits as the paper counts", unit="bit", is_budget=True),
    "loss": Quantity(r"training loss $f(x)$", as_y="spread"),
    "test_loss": Quantity("test loss", as_y="spread"),
    "grad_norm": Quantity(r"gradient norm $\Vert\nabla f(x)\Vert$", as_y="log"),
    "suboptimality": Quantity(r"suboptimality $f(x) - f^\star$", as_y="log"),
    "consensus": Quantity(r"consensus error $\mathrm{mean}_i\,\Vert x_i - \bar x\Vert^2$", as_y="log"),
    "compression_error": Quantity("compression error", as_y="log"),
    "train_accuracy": Quantity("training accuracy", higher_is_better=True),
    "test_accuracy": Quantity("test accuracy", higher_is_better=True),
    "sparsity": Quantity("sparsity (fraction of zeros)", higher_is_better=True),
}


def quantity(metric: str) -> Quantity:
    """A metric unknown here is drawn linearly under its own name."""
    return QUANTITIES.get(metric) or Quantity(metric.replace("_", " ").replace("$", r"\$"))
