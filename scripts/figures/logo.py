"""The book's mark: a walk downhill over the contour lines of a valley."""

import numpy as np

from dlbook.descent import gradient_descent
from scripts.figures.style import PALETTE

STRETCH = 2.2  # how much longer the valley is than wide
TURN = np.deg2rad(-42)
AXES = np.array([[np.cos(TURN), np.sin(TURN)], [-np.sin(TURN), np.cos(TURN)]])  # along and across the valley
SCALE = 6.6  # units of the picture for one of the valley
CORNER = 21  # from the lowest point, left and up


def valley(x: np.ndarray) -> float:
    """The height at ``x``: an elliptic bowl, turned."""
    along, across = AXES @ x
    return float((along / STRETCH) ** 2 + across**2)


def mark(radii: list[float], steps: int, line: float) -> str:
    """Draw contours of the given half widths, and a walk that starts in a corner, on a tile of 32 by 32."""
    start = AXES.T @ (-2.7, 1.15)
    _, walk = gradient_descent(valley, start, lr=0.84, step_num=steps)
    walk *= SCALE * np.array([1, -1])  # SVG counts downwards
    rings = "".join(f'<ellipse rx="{SCALE * STRETCH * r:.2f}" ry="{SCALE * r:.2f}"/>' for r in radii)
    path = " ".join(f"{x:.2f},{y:.2f}" for x, y in walk)
    tile = f'x="{-CORNER}" y="{-CORNER}" width="32" height="32"'
    light, dark = (f"--tile:{PALETTE['blue'][i]};--line:{PALETTE['paper'][i]}" for i in (0, 1))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32" '
        f'viewBox="{-CORNER} {-CORNER} 32 32">\n'
        f" <style>:root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}</style>\n"
        f' <clipPath id="tile"><rect {tile} rx="7"/></clipPath>\n'
        f' <g clip-path="url(#tile)" style="fill:none;stroke:var(--line);stroke-width:{line}">\n'
        f'  <rect {tile} style="fill:var(--tile);stroke:none"/>\n'
        f'  <g transform="rotate({-np.rad2deg(TURN):.0f})" opacity="0.5">{rings}</g>\n'
        f'  <polyline points="{path}" stroke-width="{1.4 * line:.2f}" stroke-linejoin="round"/>\n'
        f'  <circle r="{1.6 * line:.2f}" cx="{walk[-1, 0]:.2f}" cy="{walk[-1, 1]:.2f}" '
        'style="fill:var(--line);stroke:none"/>\n'
        " </g>\n"
        "</svg>\n"
    )


def draw() -> str:
    return mark(radii=[0.5, 1.15, 1.8, 2.45], steps=6, line=1.1)
