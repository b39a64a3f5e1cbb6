// What five layers make of normal inputs, for first weights of any size: the forward pass of dlbook.networks.MultiLayerNet.

import { normals, uniform } from "../lib/random.js"

export const [SAMPLES, UNITS, LAYERS] = [200, 100, 5]

export const ACTIVATIONS = {
  tanh: Math.tanh,
  relu: (s) => (s > 0 ? s : 0),
  sigmoid: (s) => 1 / (1 + Math.exp(-s)),
}

/** The bins of the histograms: for ReLU of the logarithms of what is not 0, as in the chapter. */
export const EDGES = { tanh: [-1, 1], relu: [-14, 10], sigmoid: [0, 1] }
export const BINS = 40

/** Inputs and, for each layer, weights with standard deviation 1, row by row. */
export function draws(seed) {
  const next = uniform(seed)
  return {
    x: normals(SAMPLES * UNITS, next),
    weights: Array.from({ length: LAYERS }, () => normals(UNITS * UNITS, next)),
  }
}

/** What each layer puts out, sample by sample, when the weights have the standard deviation `std`. */
export function signals({ x, weights }, activation, std) {
  const act = ACTIVATIONS[activation]
  let z = x
  return weights.map((W) => {
    const sums = new Float64Array(SAMPLES * UNITS)
    for (let n = 0; n < SAMPLES; n++)
      for (let i = 0; i < UNITS; i++) {
        const value = std * z[n * UNITS + i]
        for (let j = 0; j < UNITS; j++) sums[n * UNITS + j] += value * W[i * UNITS + j]
      }
    return (z = sums.map(act))
  })
}

/** How much a unit differs from sample to sample: the standard deviation, as a mean over the units. */
export function spread(z) {
  let total = 0
  for (let j = 0; j < UNITS; j++) {
    let [sum, squares] = [0, 0]
    for (let n = 0; n < SAMPLES; n++) sum += z[n * UNITS + j]
    const mean = sum / SAMPLES
    for (let n = 0; n < SAMPLES; n++) squares += (z[n * UNITS + j] - mean) ** 2
    total += Math.sqrt(squares / SAMPLES)
  }
  return total / UNITS
}

/** The part of the outputs that lies within a hundredth of an end of what the unit can put out. */
export function saturated(z, activation) {
  if (activation === "relu") return 0
  const [low, high] = EDGES[activation]
  let count = 0
  for (const it of z) if (it < low + 0.01 || it > high - 0.01) count++
  return count / z.length
}

/** Counts of outputs in 40 bins, as parts of the tallest. */
export function histogram(z, activation) {
  const [low, high] = EDGES[activation]
  const counts = new Float64Array(BINS)
  for (const it of z) {
    const at = activation === "relu" ? (it > 0 ? Math.log10(it) : NaN) : it
    const bin = Math.min(Math.floor(((at - low) / (high - low)) * BINS), BINS - 1)
    if (bin >= 0) counts[bin]++
  }
  const tallest = Math.max(...counts) || 1
  return counts.map((it) => it / tallest)
}

/** The standard deviations that have a name, for layers of 100 inputs and 100 units. */
export const NAMED = [["0.01", 0.01], ["Xavier", Math.sqrt(2 / (UNITS + UNITS))], ["He", Math.sqrt(2 / UNITS)], ["1", 1]]

export function named() {
  return Object.fromEntries(NAMED)
}
