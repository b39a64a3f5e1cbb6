// Contour lines by marching squares: where a level crosses the sides of small squares, a piece of line.

/** The values of f at the corners of so many squares each way, `values[i][j]`, and the `place` of a corner. */
export function sample(f, { x: [left, right], y: [bottom, top] }, cells = 64) {
  const place = (i, j) => [left + ((right - left) * i) / cells, bottom + ((top - bottom) * j) / cells]
  const values = Array.from({ length: cells + 1 }, (_, i) => Float64Array.from({ length: cells + 1 }, (_, j) => f(...place(i, j))))
  return { cells, place, values }
}

/** Pairs of points; each pair is a piece of the line where the sampled function is `level`. */
export function contour({ cells, place, values }, level) {
  const pieces = []
  for (let i = 0; i < cells; i++)
    for (let j = 0; j < cells; j++) {
      const square = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]]
      const crossings = []
      square.forEach(([a, b], k) => {
        const [c, d] = square[(k + 1) % 4]
        const [here, there] = [values[a][b] - level, values[c][d] - level]
        if (here < 0 === there < 0) return
        const part = here / (here - there)
        crossings.push(place(a + part * (c - a), b + part * (d - b)))
      })
      for (let k = 0; k + 1 < crossings.length; k += 2) pieces.push([crossings[k], crossings[k + 1]])
    }
  return pieces
}
