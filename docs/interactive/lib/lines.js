// Straight lines in a plane, w₁x₁ + w₂x₂ + b = 0, as decision boundaries are drawn and moved.

/** The point of the line that is nearest to `near`. */
export function foot({ w, b }, near) {
  const off = (w[0] * near[0] + w[1] * near[1] + b) / (w[0] ** 2 + w[1] ** 2)
  return [near[0] - off * w[0], near[1] - off * w[1]]
}

/** Two points of it, on both sides of that foot. */
export function ends({ w, b }, near, reach) {
  const [x, y] = foot({ w, b }, near)
  const length = Math.hypot(...w)
  const along = [(-w[1] / length) * reach, (w[0] / length) * reach]
  return [[x + along[0], y + along[1]], [x - along[0], y - along[1]]]
}

/** The line through two points, with weights as long as those of `old`, and pointing to the same side. */
export function through([x1, y1], [x2, y2], old) {
  const normal = [y2 - y1, x1 - x2]
  const length = Math.hypot(...normal)
  if (length === 0) return old
  const turned = Math.sign(normal[0] * old.w[0] + normal[1] * old.w[1]) || 1
  const w = normal.map((it) => (it / length) * Math.hypot(...old.w) * turned)
  return { w, b: -(w[0] * x1 + w[1] * y1) }
}

/** The corners of that part of a box on which the line's sum is above 0. */
export function side({ w, b }, [left, right], [bottom, top]) {
  const box = [[left, bottom], [right, bottom], [right, top], [left, top]]
  const sum = ([x, y]) => w[0] * x + w[1] * y + b
  return box.flatMap((corner, i) => {
    const next = box[(i + 1) % 4]
    const [here, there] = [sum(corner), sum(next)]
    const cut = here / (here - there)
    const crossing = here * there < 0 ? [corner.map((it, j) => it + cut * (next[j] - it))] : []
    return here > 0 ? [corner, ...crossing] : crossing
  })
}
