// Chapter 8: go through a computational graph step by step, forward and back, with inputs of your own.

import { interactive } from "./lib/figure.js"
import { set, shape } from "./lib/plot.js"
import { number } from "./lib/words.js"
import { backward, forward, GRAPHS, OPERATIONS } from "./maths/graph.js"

// Where everything stands, in pixels; `out` is the end of the last edge.
const PLACES = {
  pool: { p: [22, 40], q: [22, 112], c: [22, 184], r: [230, 222], u: [128, 52], v: [128, 172], s: [216, 112], L: [306, 112], out: [378, 112] },
  unit: { w: [20, 60], x: [20, 172], b: [116, 206], a: [92, 116], s: [168, 116], y: [240, 116], L: [312, 116], out: [384, 116] },
  relu: { w: [22, 60], x: [22, 172], t: [204, 206], s: [100, 116], z: [172, 116], e: [246, 116], L: [316, 116], out: [382, 116] },
}
const RADIUS = 18

const short = (value) => (Number.isNaN(value) ? "NaN" : number(value))

interactive("graph", (figure) => {
  const svg = shape("svg", { viewBox: "0 0 400 244", class: "plot graph", role: "img" })
  figure.stage.append(svg)
  const which = figure.list({
    label: "Graph",
    options: Object.entries(GRAPHS).map(([key, { words }]) => [key, words]),
    value: "pool",
    change: choose,
  })
  let inputs, parts
  const graph = () => GRAPHS[which.value]
  const count = () => graph().steps.length
  const fields = figure.group("Inputs")
  const steps = figure.group()
  const at = figure.slider({ label: "Step", min: 0, max: 8, step: 1, value: 0, format: (step) => `${step} of ${2 * count()}`, input: draw, into: steps })
  figure.button("Back", () => ((at.value -= 1), draw()), { into: steps })
  figure.button("Next", () => ((at.value += 1), draw()), { into: steps })

  function choose() {
    inputs = { ...graph().inputs }
    fields.replaceChildren()
    for (const [name, value] of Object.entries(inputs))
      figure.number({ label: name, value, min: -100, max: 100, input: (next) => ((inputs[name] = next), draw()), into: fields })
    at.bounds(0, 2 * count())
    at.value = 0
    lay()
    draw()
  }

  /** Draw the circles and the edges, and keep what changes. */
  function lay() {
    const places = PLACES[which.value]
    svg.replaceChildren()
    parts = { edges: [], circles: {}, totals: {} }
    const steps = [...graph().steps, { name: "out", from: [graph().steps.at(-1).name] }]
    for (const { name, from } of steps)
      for (const source of from) parts.edges.push({ name, source, ...edge(places[source], places[name], source in inputs, name === "out") })
    for (const name of Object.keys(inputs)) {
      const [x, y] = places[name]
      svg.append(shape("text", { x: x - 8, y: y + 5, class: "end variable" }, name))
      parts.totals[name] = svg.appendChild(shape("text", { x: x - 6, y: y + 24, class: "middle orange total" }))
    }
    for (const { name, operation } of graph().steps) {
      const [x, y] = places[name]
      const sign = OPERATIONS[operation].sign
      const circle = shape("circle", { cx: x, cy: y, r: RADIUS })
      svg.append(circle, shape("text", { x, y: y + 5, class: `middle sign ${sign.length > 1 ? "long" : ""}` }, sign))
      parts.circles[name] = circle
    }
    const [x, y] = places.out
    svg.append(shape("text", { x: x + 4, y: y + 5, class: "variable" }, "L"))
  }

  /** A line from place to place with an arrow's head, and room for a value above and a slope below. */
  function edge([x1, y1], [x2, y2], fromInput, last) {
    const length = Math.hypot(x2 - x1, y2 - y1)
    const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length]
    const start = fromInput ? 0 : RADIUS
    const end = last ? 0 : RADIUS + 2
    const [sx, sy, ex, ey] = [x1 + ux * start, y1 + uy * start, x2 - ux * end, y2 - uy * end]
    const line = shape("path", { d: `M${sx} ${sy}L${ex} ${ey}`, class: "edge" })
    const head = shape("path", { d: "M0 0L-8 -3.5V3.5Z", class: "head", transform: `translate(${ex} ${ey}) rotate(${(Math.atan2(uy, ux) * 180) / Math.PI})` })
    const [mx, my] = [(sx + ex) / 2, (sy + ey) / 2]
    // Beside a slanting edge the two stand on its two sides, at a short one beyond the circles.
    const off = uy === 0 && length < 90 ? RADIUS - 3 : 0
    const slant = uy === 0 ? "middle" : ""
    const side = Math.sign(uy)
    const above = shape("text", { x: mx + side * 4, y: my - 6 - off, class: `blue value ${slant || (side > 0 ? "" : "end")}` })
    const below = shape("text", { x: mx - side * 4, y: my + 16 + off, class: `orange value ${slant || (side > 0 ? "end" : "")}` })
    svg.append(line, head, above, below)
    return { line, above, below }
  }

  function draw() {
    const step = at.value
    const made = Math.min(step, count())
    const values = forward(which.value, inputs)
    const back = backward(which.value, values)
    const returned = back.slice(0, Math.max(0, step - count()))
    const known = new Set([...Object.keys(inputs), ...graph().steps.slice(0, made).map((it) => it.name)])
    for (const { name, source, above, below } of parts.edges) {
      above.textContent = known.has(source) ? `▸${short(values[source])}` : ""
      const giver = returned.find((it) => it.name === name)
      const slope = name === "out" ? (step > count() ? 1 : undefined) : giver?.gives[giver.from.indexOf(source)]
      below.textContent = slope === undefined ? "" : `◂${short(slope)}`
    }
    for (const [name, words] of Object.entries(parts.totals)) {
      const uses = returned.filter((it) => it.from.includes(name))
      words.textContent = uses.length > 1 ? `◂${short(total(uses.at(-1), name))}` : ""
    }
    const now = step === 0 ? undefined : step <= count() ? graph().steps[step - 1].name : back[step - count() - 1].name
    for (const [name, circle] of Object.entries(parts.circles)) circle.setAttribute("class", name === now ? "node now" : "node")
    const words = sentence(step, values, back)
    set(svg, { "aria-label": `The graph. ${words}` })
    figure.say(words)
  }

  /** What an input of an operation has received so far. */
  const total = ({ from, totals }, name) => totals[from.indexOf(name)]

  function sentence(step, values, back) {
    const rounded = step > 2 && values.y === 0 ? " (The true y was rounded to 0.)" : ""
    return told(step, values, back) + rounded
  }

  function told(step, values, back) {
    if (step === 0) return "The inputs are known. Press Next to go forward."
    if (step <= count()) {
      const { name, operation, from } = graph().steps[step - 1]
      return `Forward: ${name} = ${spelled(operation, from)} = ${spelled(operation, from.map((it) => bracketed(values[it])))} = ${number(values[name], 4)}.`
    }
    const at = step - count() - 1
    const { name, from, dout, gives, totals } = back[at]
    const slope = name === "L" ? "whose slope with respect to itself is 1" : `where the slope is ${number(dout, 4)}`
    const parts = from.map((it, i) => {
      const again = back.slice(0, at).some((other) => other.from.includes(it))
      const more = again ? `, for a total of ${number(totals[i], 4)}` : ""
      return `${it} gets ${number(gives[i], 4)}${more}`
    })
    const end = step === 2 * count() ? " Now every slope is known." : ""
    return `Backward through ${name}, ${slope}: ${parts.join("; ")}.${end}`
  }

  /** A value as one factor among others. */
  function bracketed(value) {
    const words = number(value, 4)
    return /[−×]/.test(words) ? `(${words})` : words
  }

  function spelled(operation, from) {
    const { sign } = OPERATIONS[operation]
    if (from.length === 2) return from.join(` ${sign} `)
    return operation === "square" ? `${from[0]}²` : `${sign}(${from[0].replace(/^\((.*)\)$/, "$1")})`
  }

  choose()
})
