// Chapter 10: choose how large the first weights are, and see what five layers put out.

import { interactive } from "./lib/figure.js"
import { shape } from "./lib/plot.js"
import { number, power } from "./lib/words.js"
import { BINS, draws, EDGES, histogram, LAYERS, NAMED, saturated, signals, spread } from "./maths/initial_signals.js"

const HIDDEN = { tanh: "tanh", relu: "ReLU", sigmoid: "sigmoid" }
const LOOKS = { tanh: "blue", relu: "orange", sigmoid: "green" }

interactive("initial_signals", (figure) => {
  let seed = 0
  let drawn = draws(seed)
  figure.stage.classList.add("signals")
  const panels = Array.from({ length: LAYERS }, (_, layer) => {
    const margin = { left: 10, right: 10, top: 20, bottom: 22 }
    const plot = figure.plot({ x: [0, 1], y: [0, 1], width: 128, height: 128, margin, label: `Histogram of the outputs of layer ${layer + 1}` })
    const bars = plot.layer.appendChild(shape("path"))
    plot.text(0, 1, `layer ${layer + 1}`).node.setAttribute("dy", "-6")
    return { plot, bars }
  })

  const activation = figure.choice({ label: "Units", options: Object.entries(HIDDEN), value: "tanh", change: draw })
  const std = figure.slider({
    label: "Standard deviation of the weights",
    min: -3,
    max: 1,
    step: 0.01,
    value: 1,
    tens: true,
    input: draw,
  })
  const group = figure.group("Rules and sizes to try")
  for (const [name, value] of NAMED) figure.button(name, () => ((std.value = value), draw()), { into: group })
  figure.button("Draw other weights", () => ((drawn = draws(++seed)), draw()), { into: group })

  function draw() {
    const outputs = signals(drawn, activation.value, std.value)
    const [low, high] = EDGES[activation.value]
    panels.forEach(({ plot, bars }, layer) => {
      plot.yTicks = []
      plot.xTicks = activation.value === "relu" ? [-10, 0, 10] : [low, (low + high) / 2, high]
      plot.xWords = activation.value === "relu" ? (tick) => (tick === 0 ? "1" : power(10 ** tick)) : undefined
      plot.limits({ x: [low, high] })
      const [width, floor] = [(high - low) / BINS, plot.Y(0)]
      const heights = [...histogram(outputs[layer], activation.value)]
      const bar = (height, i) =>
        height ? `M${plot.X(low + i * width).toFixed(1)} ${floor}V${plot.Y(height).toFixed(1)}H${plot.X(low + (i + 1) * width).toFixed(1)}V${floor}Z` : ""
      bars.setAttribute("d", heights.map(bar).join(""))
      bars.setAttribute("class", `bars ${LOOKS[activation.value]}`)
    })
    figure.say(verdict(outputs))
  }

  function verdict(outputs) {
    const spreads = outputs.map(spread)
    const row = spreads.map((it) => number(it, 2)).join(", ")
    const ends = saturated(outputs.at(-1), activation.value)
    const growth = spreads.at(-1) / spreads[0]
    const fate =
      growth < 0.1 ? "The inputs can hardly be told apart anymore."
      : growth > 10 ? "The signals explode."
      : ends > 0.3 ? `${number(100 * ends, 2)}% of the last layer's outputs are saturated.`
      : "The signals get through."
    return `From input to input the outputs of layers 1 to ${LAYERS} differ by ${row}. ${fate}`
  }

  draw()
})
