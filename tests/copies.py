"""A copy of the project to change or to build: what is large and does not change is linked."""

import shutil
from pathlib import Path

LINKED = {".venv", "node_modules", "build/reader"}
LEFT_OUT = {".git", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache", "__pycache__", "mutants"}
BUILT = {"stamps", "chromium"}  # of build/; the rest belongs to other targets, and may be gigabytes


def copy(source, target):
    def left_out(folder, names):
        here = Path(folder).relative_to(source)
        if here == Path("build"):
            return set(names) - BUILT
        return {name for name in names if name in LEFT_OUT or (here / name).as_posix() in LINKED}

    shutil.copytree(source, target, ignore=left_out, symlinks=True)
    for name in LINKED:
        if (source / name).exists():
            (target / name).symlink_to((source / name).resolve())
    return target
