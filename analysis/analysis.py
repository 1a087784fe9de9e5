"""Gives way to the package: Python looks for `analysis` here first when a command of this folder is run as a file."""

import sys
from importlib import import_module
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)
del sys.modules[__name__]
import_module(__name__)
