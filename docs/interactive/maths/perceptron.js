// The perceptron of dlbook.perceptron, with two inputs, and XOR's network of them.

/** 1 if the weighted sum is above 0, else 0. */
export function answer({ w, b }, x1, x2) {
  return w[0] * x1 + w[1] * x2 + b > 0 ? 1 : 0
}

/** AND, as in dlbook.perceptron. */
const AND = { w: [0.5, 0.5], b: -0.7 }

/** One unit answers for itself; of two, an AND reads the answers. */
export function network(units, x1, x2) {
  const answers = units.map((unit) => answer(unit, x1, x2))
  return answers.length === 1 ? answers[0] : answer(AND, ...answers)
}

/** The answers wanted for (0, 0), (0, 1), (1, 0) and (1, 1). */
export const GATES = { AND: [0, 0, 0, 1], NAND: [1, 1, 1, 0], OR: [0, 1, 1, 1], XOR: [0, 1, 1, 0] }
export const CORNERS = [[0, 0], [0, 1], [1, 0], [1, 1]]

export function right(units, gate) {
  return CORNERS.map(([x1, x2], i) => network(units, x1, x2) === GATES[gate][i])
}
