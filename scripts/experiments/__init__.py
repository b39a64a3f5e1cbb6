"""One module an experiment: `SEED` and `run(progress)`, whose values become results/<module>.json."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """What `run` is given: `for i in progress(range(n))` shows how far the loop has come."""

    def __call__(self, iterable: Iterable[T], total: int | None = None) -> Iterator[T]: ...
