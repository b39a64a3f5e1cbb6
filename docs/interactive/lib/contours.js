// Contour lines by marching squares: where a level crosses the sides of small squares, a piece of line.

/** Pairs of points; each pair is a piece of the line where f is `level`. */
export function contour(f, level, { x: [left, right], y: [bottom, top] }, cells = 64) {
  const [dx, dy] = [(right - left) / cells, (top - bottom) / cells]
  const values = Array.from({ length: cells + 1 }, (_, i) =>
    Float64Array.from({ length: cells + 1 }, (_, j) => f(left + i * dx, bottom + j * dy) - level),
  )
  const pieces = []
  for (let i = 0; i < cells; i++)
    for (let j = 0; j < cells; j++) {
      const square = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]]
      const crossings = []
      square.forEach(([a, b], k) => {
        const [c, d] = square[(k + 1) % 4]
        const [here, there] = [values[a][b], values[c][d]]
        if (here < 0 === there < 0) return
        const part = here / (here - there)
        crossings.push([left + (a + part * (c - a)) * dx, bottom + (b + part * (d - b)) * dy])
      })
      for (let k = 0; k + 1 < crossings.length; k += 2) pieces.push([crossings[k], crossings[k + 1]])
    }
  return pieces
}
