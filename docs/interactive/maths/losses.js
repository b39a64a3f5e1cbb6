// The losses of dlbook.losses for two classes, of which the right one has the probability y and a score that is higher
// by a than the other's; and their slopes.

export const FALLS = {
  crossEntropy: { loss: (y) => -Math.log(y), slope: (y) => -1 / y },
  squaredError: { loss: (y) => (1 - y) ** 2, slope: (y) => -2 * (1 - y) }, // ½[(y − 1)² + (1 − y)²]
}

export function loss(name, y) {
  return FALLS[name].loss(y)
}

/** How fast the loss changes with the probability. */
export function slope(name, y) {
  return FALLS[name].slope(y)
}

/** How fast it changes with the score: the chain rule, with dy/da = y(1 − y) of softmax. */
export function slopeByScore(name, y) {
  return name === "crossEntropy" ? y - 1 : slope(name, y) * y * (1 - y)
}

/** Softmax of two scores that are a apart. */
export function probability(a) {
  return 1 / (1 + Math.exp(-a))
}

export function score(y) {
  return Math.log(y / (1 - y))
}
