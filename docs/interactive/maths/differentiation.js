// The differences of dlbook.differentiation, in double or single precision.

/** The formulas, with names as in dlbook.differentiation. Rounding after each operation is what `fl` does. */
export function forward(f, x, h, fl = double) {
  return fl(fl(f(fl(x + h)) - f(x)) / h)
}

export function central(f, x, h, fl = double) {
  return fl(fl(f(fl(x + h)) - f(fl(x - h))) / fl(2 * h))
}

export function fivePoint(f, x, h, fl = double) {
  const [two, far] = [fl(2 * h), [f(fl(x - fl(2 * h))), f(fl(x + fl(2 * h)))]]
  const sum = fl(fl(fl(far[0] - fl(8 * f(fl(x - h)))) + fl(8 * f(fl(x + h)))) - far[1])
  return fl(sum / fl(6 * two))
}

export const FORMULAS = { forward, central, fivePoint }

export const double = (value) => value
export const single = Math.fround
export const PRECISIONS = { double, single }

/** Functions to differentiate, with their derivatives. Each takes the rounding, and rounds what it gives. */
export const FUNCTIONS = {
  exp: { f: (fl) => (x) => fl(Math.exp(x)), slope: Math.exp },
  sin: { f: (fl) => (x) => fl(Math.sin(x)), slope: Math.cos },
  cube: { f: (fl) => (x) => fl(fl(x * x) * x), slope: (x) => 3 * x * x },
  parabola: {
    f: (fl) => (x) => fl(fl(fl(0.01) * fl(x * x)) + fl(fl(0.1) * x)),
    slope: (x) => 0.02 * x + 0.1,
  },
}

/** The estimate of a slope. */
export function estimate(name, formula, x, h, precision = "double") {
  const fl = PRECISIONS[precision]
  return FORMULAS[formula](FUNCTIONS[name].f(fl), fl(x), fl(h), fl)
}

export function slope(name, x) {
  return FUNCTIONS[name].slope(x)
}
