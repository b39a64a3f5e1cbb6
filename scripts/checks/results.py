"""Which numbers of an experiment differ from those that it found before?

Readers repeat an experiment on machines whose BLAS rounds differently, so each module of scripts/experiments
says how far its values may be off. `TOLERANCE` maps keys to absolute errors, `FACTOR` maps keys to how many
times larger or smaller a number may be, and `TIMES` names the keys that hold or follow from times, which
are not compared. Each applies to everything below the key. Other numbers have to agree to six digits. An
infinite tolerance is for what a rounding can turn over, such as the epoch that first passes a threshold.
"""

import math
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

DIGITS = 1e-6  # relative: enough for rounding in float64, too little for another seed


def differences(module: ModuleType, kept: Any, new: Any) -> list[str]:
    """List how the values of an experiment differ, a line for each key; nothing if they agree."""
    times = getattr(module, "TIMES", ())
    tolerance, factor = (getattr(module, name, {}) for name in ("TOLERANCE", "FACTOR"))
    found: dict[str, list[str]] = {}
    for path, keys, was, now in pairs(kept, new):
        limits = allowed(tolerance, keys, 0.0), allowed(factor, keys, 1.0)
        if not any(key in times for key in keys) and not agree(was, now, *limits):
            found.setdefault(".".join(keys), []).append(f"{path} was {was!r:.60} and is {now!r:.60}")
    more = (f" (and {len(lines) - 1} more like it)" if len(lines) > 1 else "" for lines in found.values())
    return [lines[0] + rest for lines, rest in zip(found.values(), more, strict=True)]


def pairs(kept: Any, new: Any, path: str = "", keys: tuple[str, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Walk through both values side by side, down to what is no container of the same form in both."""
    if isinstance(kept, dict) and isinstance(new, dict) and kept.keys() == new.keys():
        for key in kept:
            yield from pairs(kept[key], new[key], f"{path}.{key}".lstrip("."), (*keys, key))
    elif isinstance(kept, list) and isinstance(new, list) and len(kept) == len(new):
        for i, (was, now) in enumerate(zip(kept, new, strict=True)):
            yield from pairs(was, now, f"{path}[{i}]", keys)
    else:
        yield path, keys, kept, new


def allowed(limits: Mapping[str, float], keys: tuple[str, ...], without: float) -> float:
    """Return the widest limit of all keys on the way."""
    return max([without, *(limits[key] for key in keys if key in limits)])


def agree(was: Any, now: Any, tolerance: float, factor: float) -> bool:
    if tolerance == math.inf:
        return True
    if not all(isinstance(it, int | float) and not isinstance(it, bool) for it in (was, now)):
        return bool(was == now)
    within = was * now > 0 and max(was / now, now / was) <= factor
    return within or math.isclose(was, now, rel_tol=DIGITS, abs_tol=tolerance)
