// A small network that learns to part points of a plane: dlbook's MultiLayerNet(2, [H], 2, "tanh") under plain SGD, each
// step on all points. Weights lie row by row.

import { normals, uniform } from "../lib/random.js"

/** Points of two classes, with noise. Each set draws its points from a generator of random numbers. */
const SETS = {
  moons: (next, noise, label) => {
    const angle = Math.PI * next()
    const [x, y] = label ? [1 - Math.cos(angle), 0.5 - Math.sin(angle)] : [Math.cos(angle), Math.sin(angle)]
    return [2 * x - 1 + 1.6 * noise[0], 2 * y - 0.5 + 1.6 * noise[1]]
  },
  ring: (next, noise, label) => {
    const [radius, angle] = [label ? 2.3 : 0.9 * Math.sqrt(next()), 2 * Math.PI * next()]
    return [radius * Math.cos(angle) + 1.6 * noise[0], radius * Math.sin(angle) + 1.6 * noise[1]]
  },
  xor: (next, noise, label) => {
    const side = next() < 0.5 ? 1 : -1
    return [1.4 * side + 2.4 * noise[0], 1.4 * side * (label ? 1 : -1) + 2.4 * noise[1]]
  },
  spirals: (next, noise, label) => {
    const along = Math.sqrt(next())
    const angle = 3.4 * Math.PI * along + Math.PI * label
    return [2.7 * along * Math.cos(angle) + 0.5 * noise[0], 2.7 * along * Math.sin(angle) + 0.5 * noise[1]]
  },
}

export function dataset(name, count, seed) {
  const next = uniform(seed)
  const [x, t] = [new Float64Array(2 * count), new Int32Array(count)]
  for (let n = 0; n < count; n++) {
    t[n] = n % 2
    x.set(SETS[name](next, normals(2, next).map((it) => 0.25 * it), t[n]), 2 * n)
  }
  return { x, t }
}

/** First weights as dlbook.initializers.xavier has them, and biases of 0. */
export function network(hidden, seed) {
  const next = uniform(seed)
  const std = Math.sqrt(2 / (2 + hidden))
  return {
    hidden,
    W1: normals(2 * hidden, next).map((it) => std * it),
    b1: new Float64Array(hidden),
    W2: normals(2 * hidden, next).map((it) => std * it),
    b2: new Float64Array(2),
  }
}

/** The hidden outputs z for a point, and its two scores. */
function score({ hidden, W1, b1, W2, b2 }, x0, x1, z, scores) {
  scores[0] = b2[0]
  scores[1] = b2[1]
  for (let j = 0; j < hidden; j++) {
    z[j] = Math.tanh(x0 * W1[j] + x1 * W1[hidden + j] + b1[j])
    scores[0] += z[j] * W2[2 * j]
    scores[1] += z[j] * W2[2 * j + 1]
  }
}

/** The loss on points, and how many of them are right. */
export function judge(net, { x, t }) {
  const [z, scores] = [new Float64Array(net.hidden), new Float64Array(2)]
  let [loss, right] = [0, 0]
  for (let n = 0; n < t.length; n++) {
    score(net, x[2 * n], x[2 * n + 1], z, scores)
    loss += softplus(scores[1 - t[n]] - scores[t[n]])
    if (scores[t[n]] > scores[1 - t[n]]) right++
  }
  return { loss: loss / t.length, accuracy: right / t.length }
}

/** log(1 + eˣ), the cross-entropy of two scores that are x apart. */
function softplus(x) {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x))
}

/** One step of descent on the loss of all points. */
export function step(net, { x, t }, lr) {
  const { hidden, W1, b1, W2, b2 } = net
  const [z, scores] = [new Float64Array(hidden), new Float64Array(2)]
  const [dW1, db1, dW2, db2] = [W1, b1, W2, b2].map((it) => new Float64Array(it.length))
  const N = t.length
  for (let n = 0; n < N; n++) {
    const [x0, x1] = [x[2 * n], x[2 * n + 1]]
    score(net, x0, x1, z, scores)
    const y1 = 1 / (1 + Math.exp(scores[0] - scores[1]))
    const d1 = (y1 - t[n]) / N // (y − t)/N of class 1; that of class 0 is its opposite
    db2[0] -= d1
    db2[1] += d1
    for (let j = 0; j < hidden; j++) {
      dW2[2 * j] -= z[j] * d1
      dW2[2 * j + 1] += z[j] * d1
      const ds = d1 * (W2[2 * j + 1] - W2[2 * j]) * (1 - z[j] * z[j])
      db1[j] += ds
      dW1[j] += x0 * ds
      dW1[hidden + j] += x1 * ds
    }
  }
  for (const [param, gradient] of [[W1, dW1], [b1, db1], [W2, dW2], [b2, db2]])
    for (let i = 0; i < param.length; i++) param[i] -= lr * gradient[i]
}

/** The probability of class 1 at a point. */
export function predictor(net) {
  const [z, scores] = [new Float64Array(net.hidden), new Float64Array(2)]
  return (x0, x1) => {
    score(net, x0, x1, z, scores)
    return 1 / (1 + Math.exp(scores[0] - scores[1]))
  }
}

/** For tests: the network after some steps, with its loss before each, and its probabilities at points. */
export function trained(name, count, hidden, seed, lr, steps, points = []) {
  const [data, net] = [dataset(name, count, seed), network(hidden, seed + 1)]
  const start = structuredClone(net)
  const losses = []
  for (let i = 0; i < steps; i++) {
    losses.push(judge(net, data).loss)
    step(net, data, lr)
  }
  const predict = predictor(net)
  return { data, start, net, losses, judged: judge(net, data), probabilities: points.map((it) => predict(...it)) }
}
