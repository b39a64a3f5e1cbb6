// Chapter 3: move the probability of the right class, and compare two losses and how steep they are.

import { interactive } from "./lib/figure.js"
import { number } from "./lib/words.js"
import { loss, probability, score, slope, slopeByScore } from "./maths/losses.js"

const LOSSES = {
  crossEntropy: { name: "cross-entropy", look: "blue" },
  squaredError: { name: "squared error", look: "orange" },
}
const TOP = 7 // of both, so that their slopes can be compared
// The horizontal axis: its ends, and how a place on it turns into a probability and back.
const AXES = {
  probability: { label: "probability y of the right class", ends: [0, 1], y: (at) => at, at: (y) => y, slope },
  score: { label: "score of the right class, minus the other", ends: [-8, 8], y: probability, at: score, slope: slopeByScore },
}

interactive("loss_slopes", (figure) => {
  const against = figure.choice({
    label: "Against",
    options: [["probability", "the probability"], ["score", "the score"]],
    value: "probability",
    change: draw,
  })
  const range = { min: 0.001, max: 0.999, step: 0.001, value: 0.1, input: move }
  const right = figure.slider({ label: "Probability of the right class", ...range })

  const panels = Object.entries(LOSSES).map(([key, { name, look }]) => {
    const plot = figure.plot({ x: [0, 1], y: [0, TOP], yLabel: name, label: `The ${name}, with its tangent` })
    const panel = { key, plot, curve: plot.curve([], look), tangent: plot.curve([], "ink") }
    panel.dot = plot.dot(0, 0, "ink", 5)
    panel.steepness = plot.text(0, 0, "", "")
    plot.onDrag((at) => {
      right.value = AXES[against.value].y(at)
      move()
    })
    return panel
  })

  function draw() {
    const axis = AXES[against.value]
    const [low, high] = axis.ends
    for (const { key, plot, curve } of panels) {
      plot.xLabel = axis.label
      plot.limits({ x: axis.ends })
      const places = Array.from({ length: 401 }, (_, i) => low + ((high - low) * i) / 400)
      curve.set(places.map((at) => [at, loss(key, axis.y(at))]))
    }
    move()
  }

  function move() {
    const y = right.value
    const axis = AXES[against.value]
    const at = axis.at(y)
    const slopes = panels.map(({ key, plot, tangent, dot, steepness }) => {
      const [height, steep] = [loss(key, y), axis.slope(key, y)]
      const reach = 2 * (axis.ends[1] - axis.ends[0])
      tangent.set([[at - reach, height - reach * steep], [at + reach, height + reach * steep]])
      dot.set(at, height)
      const [left, right] = plot.x
      const [bottom, top] = plot.y
      steepness.set(left + 0.52 * (right - left), bottom + 0.88 * (top - bottom))
      steepness.say(`slope ${number(steep)}`)
      return `${LOSSES[key].name} ${number(height)} with slope ${number(steep)}`
    })
    figure.say(`The right class has the probability ${number(y)}: ${slopes.join(", ")}.`)
  }

  draw()
})
