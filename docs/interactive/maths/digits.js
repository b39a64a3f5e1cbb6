// From ink on a pad to a digit: the picture that MNIST would have made of it, and the answer of a two-layer network.

export const SIDE = 28 // of MNIST's pictures, in pixels
export const BOX = 20 // of the part of them that a digit may fill

/** The pixels of a picture that is kept as bytes in base64, from 0 (paper) to 1 (ink). */
export function pixels(base64) {
  return Float64Array.from(atob(base64), (it) => it.charCodeAt(0) / 255)
}

/** The parameters of a network whose weights are kept as signed bytes, with a scale for each unit. */
export function decode(weights) {
  const parameter = ({ levels, scale }) => {
    const bytes = Int8Array.from(atob(levels), (it) => it.charCodeAt(0))
    return Float64Array.from(bytes, (it, i) => it * scale[i % scale.length])
  }
  return Object.fromEntries(Object.entries(weights).map(([name, it]) => [name, parameter(it)]))
}

/** What the hidden units put out, and the probabilities of the classes: dlbook.networks.TwoLayerNet. */
export function read({ W1, b1, W2, b2 }, x) {
  const hidden = affine(x, W1, b1).map((sum) => 1 / (1 + Math.exp(-sum)))
  const scores = affine(hidden, W2, b2)
  const highest = Math.max(...scores)
  const powers = scores.map((score) => Math.exp(score - highest))
  const total = powers.reduce((sum, it) => sum + it)
  return { hidden, probabilities: powers.map((it) => it / total) }
}

function affine(x, W, b) {
  const sums = Float64Array.from(b)
  for (let i = 0; i < x.length; i++) if (x[i]) for (let j = 0; j < b.length; j++) sums[j] += x[i] * W[i * b.length + j]
  return sums
}

/** The classes, the most probable first. */
export function ranked(probabilities) {
  return [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a])
}

/** How many outputs of sigmoid units are nearer than `within` to 0 or 1. */
export function saturated(hidden, within) {
  return hidden.filter((z) => Math.min(z, 1 - z) < within).length
}

// The pad: ink from 0 to 1 in side × side points, row by row.

/** Draw a line with a round pen from one point to another, or with `rub` take the ink away there. */
export function stroke(ink, side, [x1, y1], [x2, y2], radius, rub = false) {
  const [dx, dy] = [x2 - x1, y2 - y1]
  const length = dx * dx + dy * dy
  const bounds = (a, b) => [Math.max(0, Math.floor(Math.min(a, b) - radius - 1)), Math.min(side, Math.ceil(Math.max(a, b) + radius + 1))]
  const [[left, right], [top, bottom]] = [bounds(x1, x2), bounds(y1, y2)]
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      const [px, py] = [x + 0.5 - x1, y + 0.5 - y1]
      const along = length ? Math.min(1, Math.max(0, (px * dx + py * dy) / length)) : 0
      const cover = Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(px - along * dx, py - along * dy)))
      const at = y * side + x
      ink[at] = rub ? Math.min(ink[at], 1 - cover) : Math.max(ink[at], cover)
    }
  return ink
}

/** One of MNIST's pictures on a pad whose side is a multiple of 28. */
export function enlarged(picture, side) {
  const times = side / SIDE
  return Float64Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [i % side, Math.floor(i / side)]
    return picture[Math.floor(y / times) * SIDE + Math.floor(x / times)]
  })
}

/**
 * What MNIST's makers did with what was written: scale it, as it is, so that it just fits into 20 × 20 pixels; a pixel is
 * the mean of the ink that falls on it. Then put it into 28 × 28 with its centre of mass in the middle, to half a pixel.
 */
export function prepare(ink, side) {
  const picture = new Float64Array(SIDE * SIDE)
  const box = bounding(ink, side)
  if (!box) return picture
  const { left, top, width, height } = box
  const longer = Math.max(width, height)
  const [w, h] = [width, height].map((it) => Math.max(1, Math.round((BOX * it) / longer)))
  const small = shrunk(ink, side, box, w, h)
  let [mass, x, y] = [0, 0, 0]
  small.forEach((it, i) => {
    mass += it
    x += it * (i % w)
    y += it * Math.floor(i / w)
  })
  // A symmetric digit has its center on a half; 1e-9 decides for one side, whatever was rounded before.
  const [right, down] = [x, y].map((it) => Math.round(SIDE / 2 - it / mass + 1e-9))
  small.forEach((it, i) => {
    const [column, row] = [right + (i % w), down + Math.floor(i / w)]
    if (row >= 0 && row < SIDE && column >= 0 && column < SIDE) picture[row * SIDE + column] = it
  })
  return picture
}

function bounding(ink, side) {
  let [left, right, top, bottom] = [side, -1, side, -1]
  ink.forEach((it, i) => {
    if (it <= 0) return
    const [x, y] = [i % side, Math.floor(i / side)]
    ;[left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)]
  })
  return right < 0 ? undefined : { left, top, width: right - left + 1, height: bottom - top + 1 }
}

/** The box of a pad as w × h means over areas, which may cut through points of the pad. */
function shrunk(ink, side, { left, top, width, height }, w, h) {
  const [columns, rows] = [shares(left, width, w), shares(top, height, h)]
  return Float64Array.from({ length: w * h }, (_, i) => {
    let sum = 0
    for (const [y, down] of rows[Math.floor(i / w)])
      for (const [x, across] of columns[i % w]) sum += down * across * ink[y * side + x]
    return sum
  })
}

/** For each of `parts` equal parts of a length, the points that it covers, and how much of the part each of them is. */
function shares(start, length, parts) {
  const size = length / parts
  return Array.from({ length: parts }, (_, part) => {
    const [from, to] = [part * size, (part + 1) * size]
    const points = []
    for (let at = Math.floor(from); at < Math.min(to, length); at++) {
      const share = (Math.min(to, at + 1) - Math.max(from, at)) / size
      if (share > 0) points.push([start + at, share])
    }
    return points
  })
}
