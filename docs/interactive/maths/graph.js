// Computational graphs: forward step by step, and back by the chain rule, as the layers of dlbook.layers do.

const sigmoid = (x) => 1 / (1 + Math.exp(-x))

/** Each operation: its value, and the slope that each input gets from `dout`, the slope at its output. */
export const OPERATIONS = {
  add: { sign: "+", forward: (x, y) => x + y, backward: (dout) => [dout, dout] },
  subtract: { sign: "−", forward: (x, y) => x - y, backward: (dout) => [dout, -dout] },
  multiply: { sign: "×", forward: (x, y) => x * y, backward: (dout, x, y) => [dout * y, dout * x] },
  square: { sign: "( )²", forward: (x) => x * x, backward: (dout, x) => [dout * 2 * x] },
  relu: { sign: "relu", forward: (x) => (x > 0 ? x : 0), backward: (dout, x) => [x > 0 ? dout : 0] },
  sigmoid: { sign: "σ", forward: sigmoid, backward: (dout, x) => [dout * sigmoid(x) * (1 - sigmoid(x))] },
  minusLog: { sign: "−log", forward: (x) => -Math.log(x), backward: (dout, x) => [-dout / x] },
}

/** Graphs: inputs with their first values, and steps in an order in which each finds what it needs. */
export const GRAPHS = {
  pool: {
    words: "a day at the pool: L = (pq + cq) r",
    inputs: { p: 8, q: 3, c: 2, r: 0.9 },
    steps: [
      { name: "u", operation: "multiply", from: ["p", "q"] },
      { name: "v", operation: "multiply", from: ["c", "q"] },
      { name: "s", operation: "add", from: ["u", "v"] },
      { name: "L", operation: "multiply", from: ["s", "r"] },
    ],
  },
  unit: {
    words: "a unit and its loss: L = −log σ(wx + b)",
    inputs: { w: 0.5, x: 2, b: -2 },
    steps: [
      { name: "a", operation: "multiply", from: ["w", "x"] },
      { name: "s", operation: "add", from: ["a", "b"] },
      { name: "y", operation: "sigmoid", from: ["s"] },
      { name: "L", operation: "minusLog", from: ["y"] },
    ],
  },
  relu: {
    words: "a ReLU and a squared error: L = (relu(wx) − t)²",
    inputs: { w: 1.5, x: 2, t: 1 },
    steps: [
      { name: "s", operation: "multiply", from: ["w", "x"] },
      { name: "z", operation: "relu", from: ["s"] },
      { name: "e", operation: "subtract", from: ["z", "t"] },
      { name: "L", operation: "square", from: ["e"] },
    ],
  },
}

/** The values of all inputs and steps. */
export function forward(graph, inputs) {
  const values = { ...inputs }
  for (const { name, operation, from } of GRAPHS[graph].steps)
    values[name] = OPERATIONS[operation].forward(...from.map((it) => values[it]))
  return values
}

/**
 * The way back, from the last step to the first: the slope that each step receives (`dout`), what it passes on to each of
 * its inputs (`gives`), and what those inputs have received so far, including this (`totals`).
 */
export function backward(graph, values) {
  const { steps } = GRAPHS[graph]
  const slopes = { [steps.at(-1).name]: 1 }
  return steps.toReversed().map(({ name, operation, from }) => {
    const dout = slopes[name]
    const gives = OPERATIONS[operation].backward(dout, ...from.map((it) => values[it]))
    from.forEach((it, i) => (slopes[it] = (slopes[it] ?? 0) + gives[i]))
    return { name, dout, from, gives, totals: from.map((it) => slopes[it]) }
  })
}

/** One operation by its name, and its way back. */
export function apply(operation, ...inputs) {
  return OPERATIONS[operation].forward(...inputs)
}

export function applyBack(operation, dout, ...inputs) {
  return OPERATIONS[operation].backward(dout, ...inputs)
}
