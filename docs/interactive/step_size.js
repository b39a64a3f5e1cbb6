// Chapter 4: choose a function, a place and a step, and see the secant beside the error of its slope.

import { interactive } from "./lib/figure.js"
import { number } from "./lib/words.js"
import { double, estimate, FUNCTIONS, slope } from "./maths/differentiation.js"

const NAMES = { exp: "eˣ", sin: "sin x", cube: "x³", parabola: "0.01x² + 0.1x" }
const FORMULAS = { forward: "forward", central: "central", fivePoint: "five-point" }
const LOOKS = { forward: "blue", central: "orange", fivePoint: "green" }
const REACH = { forward: [0, 1], central: [-1, 1], fivePoint: [-2, 2] } // the secant's ends, in steps
const LOWEST = { double: 1e-17, single: 1e-9 } // an error of 0 stands at the lower edge,
const HIGHEST = 10 // and one that is larger than this at the upper
const STEPS = Array.from({ length: 129 }, (_, i) => 10 ** (-16 + i / 8))

interactive("step_size", (figure) => {
  const curve = figure.plot({ x: [-1, 3], y: [0, 1], xLabel: "x", yLabel: "f(x)", label: "The function, its tangent, and the secant" })
  const errors = figure.plot({
    x: [1e-16, 1],
    y: [LOWEST.double, HIGHEST],
    xLog: true,
    yLog: true,
    xLabel: "h",
    yLabel: "error of the slope",
    label: "The error of the slope against the step, on logarithmic axes",
  })

  const name = figure.list({ label: "f(x)", options: Object.entries(NAMES), value: "exp", change: draw })
  const formula = figure.choice({ label: "Difference", options: Object.entries(FORMULAS), value: "central", change: draw })
  const type = figure.choice({ label: "Numbers", options: [["double", "float64"], ["single", "float32"]], value: "double", change: draw })
  const place = figure.slider({ label: "place x", min: -2, max: 2, step: 0.1, value: 1, input: draw })
  const step = figure.slider({ label: "step h", min: -16, max: 0, step: 0.05, value: 0.5, tens: true, input: drawStep })

  const graph = curve.curve([], "ink")
  const tangent = curve.curve([], "muted")
  const secant = curve.curve([], "orange")
  const touch = curve.dot(0, 0, "ink", 4)
  const ends = [curve.dot(0, 0, "orange", 4), curve.dot(0, 0, "orange", 4)]
  const clouds = Object.fromEntries(Object.keys(FORMULAS).map((it) => [it, errors.curve([], `${LOOKS[it]} cloud`)]))
  const mark = errors.dot(1e-5, 1, "ink ring", 6)

  const errorOf = (which, h) => Math.abs(estimate(name.value, which, place.value, h, type.value) - slope(name.value, place.value))

  const inside = (error) => Math.min(Math.max(error, 1.3 * LOWEST[type.value]), HIGHEST / 1.3)

  /** Draw what does not depend on h, then what does. */
  function draw() {
    const x = place.value
    const f = FUNCTIONS[name.value].f(double)
    errors.limits({ y: [LOWEST[type.value], HIGHEST] })
    for (const [which, cloud] of Object.entries(clouds)) {
      const dots = STEPS.map((h) => [h, inside(errorOf(which, h))])
      cloud.set(dots.flatMap(([h, e]) => [[h, e], [h * 1.0001, e], [NaN, NaN]]))
      cloud.node.classList.toggle("faded", which !== formula.value)
    }
    const xs = Array.from({ length: 121 }, (_, i) => x - 2.5 + i / 24)
    const ys = xs.map(f)
    const [lowest, highest] = [Math.min(...ys), Math.max(...ys)]
    curve.limits({ x: [x - 2.5, x + 2.5], y: [lowest - 0.08 * (highest - lowest), highest + 0.08 * (highest - lowest)] })
    graph.set(xs.map((it, i) => [it, ys[i]]))
    touch.set(x, f(x))
    drawLine(tangent, x, f(x), slope(name.value, x))
    drawStep()
  }

  function drawStep() {
    const [x, h] = [place.value, step.value]
    const f = FUNCTIONS[name.value].f(double)
    const look = LOOKS[formula.value]
    const guess = estimate(name.value, formula.value, x, h, type.value)
    const error = errorOf(formula.value, h)
    const at = REACH[formula.value].map((steps) => x + steps * h)
    // The five-point formula is no secant: its line has the estimated slope, and goes through the point.
    const start = formula.value === "fivePoint" ? x : at[0]
    drawLine(secant, start, f(start), guess)
    secant.node.setAttribute("class", `line ${look}`)
    ends.forEach((end, i) => {
      end.set(at[i], f(at[i]))
      end.node.setAttribute("class", `dot ${look}`)
    })
    mark.set(h, inside(error))
    const off = error ? `which is off by ${number(error, 2)}` : "with no error at all"
    figure.say(`With h = ${number(h, 2)}, the ${FORMULAS[formula.value]} difference gives ${number(guess, 10)}, ${off}.`)
  }

  function drawLine(line, x, y, k) {
    line.set([[x - 9, y - 9 * k], [x + 9, y + 9 * k]])
  }

  errors.onDrag((h) => {
    step.value = h
    drawStep()
  })
  draw()
})
