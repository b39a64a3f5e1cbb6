// Surfaces to descend on, and the optimizers of dlbook.optimizers for a point of two coordinates.

import { contour, sample } from "../lib/contours.js"

/** Each with its gradient, the part of the plane that is shown, contour levels, and a start. */
export const SURFACES = {
  bowl: {
    words: "x² + y², a bowl",
    f: (x, y) => x * x + y * y,
    gradient: (x, y) => [2 * x, 2 * y],
    window: { x: [-4, 4], y: [-4, 4] },
    levels: squares(0, 0.5, 10),
    start: [-3, 2],
  },
  tilted: {
    words: "x² + xy + y² − 6x − 9y, tilted",
    f: (x, y) => x * x + x * y + y * y - 6 * x - 9 * y,
    gradient: (x, y) => [2 * x + y - 6, x + 2 * y - 9],
    window: { x: [-5, 7], y: [-2, 10] },
    levels: squares(-21, 1, 11),
    start: [-4, 7],
  },
  valley: {
    words: "x²/20 + y², a narrow valley",
    f: (x, y) => (x * x) / 20 + y * y,
    gradient: (x, y) => [x / 10, 2 * y],
    window: { x: [-8.4, 3.2], y: [-3, 3] },
    levels: squares(0, 0.25, 12),
    start: [-7, 2],
  },
  saddle: {
    words: "x²/2 − y²/2 + y⁴/4, a saddle",
    f: (x, y) => (x * x) / 2 - (y * y) / 2 + y ** 4 / 4,
    gradient: (x, y) => [x, y ** 3 - y],
    window: { x: [-2.4, 2.4], y: [-2.4, 2.4] },
    levels: Array.from({ length: 20 }, (_, i) => (i - 1.5) / 8),
    start: [2, 0],
  },
  minima: {
    words: "x⁴/4 − 2x² + x + y², two minima",
    f: (x, y) => x ** 4 / 4 - 2 * x * x + x + y * y,
    gradient: (x, y) => [x ** 3 - 4 * x + 1, 2 * y],
    window: { x: [-3.2, 3.2], y: [-3.2, 3.2] },
    levels: Array.from({ length: 16 }, (_, i) => i - 5.5),
    start: [2.6, 2],
  },
}

function squares(low, unit, count) {
  return Array.from({ length: count }, (_, i) => low + unit * (i + 1) ** 2)
}

/** The surface's contour lines, in pieces. */
export function contours(surface, levels = SURFACES[surface].levels) {
  const { f, window } = SURFACES[surface]
  const samples = sample(f, window)
  return levels.flatMap((level) => contour(samples, level))
}

export function gradient(surface, [x, y]) {
  return SURFACES[surface].gradient(x, y)
}

export function value(surface, [x, y]) {
  return SURFACES[surface].f(x, y)
}

/** A rule is a function of the gradient's component and its memory; it gives the step, to be subtracted. */
const RULES = {
  SGD: (lr) => (g) => lr * g,
  Momentum: (lr) => (g, memory) => {
    memory.velocity = 0.9 * (memory.velocity ?? 0) + g
    return lr * memory.velocity
  },
  Nesterov: (lr) => (g, memory) => {
    memory.velocity = 0.9 * (memory.velocity ?? 0) + g
    return lr * (g + 0.9 * memory.velocity)
  },
  AdaGrad: (lr) => (g, memory) => {
    memory.squares = (memory.squares ?? 0) + g * g
    return (lr * g) / (Math.sqrt(memory.squares) + 1e-10)
  },
  RMSProp: (lr) => (g, memory) => {
    memory.squares = 0.99 * (memory.squares ?? 0) + (1 - 0.99) * g * g
    return (lr * g) / (Math.sqrt(memory.squares) + 1e-8)
  },
  Adam: (lr) => (g, memory) => {
    memory.n = (memory.n ?? 0) + 1
    memory.m = 0.9 * (memory.m ?? 0) + (1 - 0.9) * g
    memory.v = 0.999 * (memory.v ?? 0) + (1 - 0.999) * g * g
    return (lr * (memory.m / (1 - 0.9 ** memory.n))) / (Math.sqrt(memory.v / (1 - 0.999 ** memory.n)) + 1e-8)
  },
}

/** Give a function that moves a point one step further each time it is called with it. */
export function optimizer(name, lr) {
  const rule = RULES[name](lr)
  const memories = [{}, {}]
  return (surface, point) => gradient(surface, point).map((g, i) => point[i] - rule(g, memories[i]))
}

/** The points of a path, the start first. */
export function path(surface, name, lr, start, steps) {
  const move = optimizer(name, lr)
  const points = [start]
  for (let i = 0; i < steps; i++) points.push(move(surface, points.at(-1)))
  return points
}
