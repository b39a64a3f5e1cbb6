// Chapter 13: a tape that grows with the expression that you type, and the way back over it, step by step.

import { interactive } from "./lib/figure.js"
import { set, shape } from "./lib/plot.js"
import { number } from "./lib/words.js"
import { backward, forward, read } from "./maths/tape.js"

const START = { p: 8, q: 3, c: 2, r: 0.9 } // the day at the pool
const MOST = 16 // lines that a reader can follow
const ROW = 26
const [CELL, TEXT, VALUE, SLOPE] = [92, 122, 262, 334] // where each column stands, in pixels
const RADIUS = 10

const short = (value) => (Number.isNaN(value) ? "NaN" : number(value))

interactive("tape", (figure) => {
  const svg = shape("svg", { class: "plot tape", role: "img" })
  figure.stage.append(svg)
  const inputs = { ...START }
  let tape, values
  let back = []
  const expression = figure.group()
  figure.text({ label: "Expression", value: "(p * q + c * q) * r", size: 30, input: type, into: expression })
  const fields = figure.group("Inputs")
  const steps = figure.group()
  const at = figure.slider({ label: "Steps back", min: 0, max: 4, step: 1, value: 0, format: (step) => `${step} of ${back.length}`, input: draw, into: steps })
  figure.button("Back", () => ((at.value -= 1), draw()), { into: steps })
  figure.button("Next", () => ((at.value += 1), draw()), { into: steps })

  /** Take a new expression, if it says something; tell what is wrong with it, if not. */
  function type(text) {
    const next = read(text)
    const long = !next.problem && next.names.length + next.steps.length > MOST
    const wide = next.names?.find((name) => name.length > 8)
    const problem = next.problem ?? (long ? `That makes more than ${MOST} lines.` : wide && `“${wide}” is too long a name to fit.`)
    if (problem) {
      figure.say(`${problem} The tape is that of the last whole expression.`)
      return problem
    }
    const others = next.names.join() !== tape?.names.join()
    tape = next
    if (others) ask()
    compute()
  }

  /** A field for each variable; those that stay keep their numbers. */
  function ask() {
    fields.replaceChildren()
    for (const name of tape.names)
      figure.number({ label: name, value: (inputs[name] ??= 1), min: -1000, max: 1000, input: (value) => ((inputs[name] = value), compute()), into: fields })
  }

  function compute() {
    values = forward(tape, tape.names.map((name) => inputs[name]))
    back = backward(tape, values)
    at.bounds(0, back.length)
    at.value = 0
    draw()
  }

  function draw() {
    const now = back[at.value - 1]
    const slopes = now?.slopes ?? values.map((_, i) => (i === values.length - 1 ? 1 : undefined))
    set(svg, { viewBox: `0 0 400 ${ROW * values.length + 10}` })
    svg.replaceChildren()
    const height = (place) => 18 + ROW * place
    tape.steps.forEach(({ from }, i) => {
      const place = tape.names.length + i
      for (const it of from) if (it.at !== undefined) pointer(height(place), height(it.at), now?.at === place)
    })
    values.forEach((value, place) => {
      const y = height(place)
      const done = place < tape.names.length || back.findIndex((it) => it.at === place) < at.value
      const row = shape("g", { class: now?.at === place ? "now" : "" })
      row.append(
        shape("circle", { cx: CELL, cy: y, r: RADIUS, class: `cell ${done && now ? "done" : ""}` }),
        shape("text", { x: CELL, y: y + 4, class: "middle" }, place),
        shape("text", { x: TEXT, y: y + 4 }, made(place)),
        shape("text", { x: VALUE, y: y + 4, class: "blue" }, `▸${short(value)}`),
        shape("text", { x: SLOPE, y: y + 4, class: "orange" }, slopes[place] === undefined ? "" : `◂${short(slopes[place])}`),
      )
      svg.append(row)
    })
    const words = sentence(now)
    set(svg, { "aria-label": `The tape, ${values.length} lines. ${words}` })
    figure.say(words)
  }

  /** An arrow at the left of the lines, from a result up to an operand. */
  function pointer(from, to, now) {
    const x = CELL - RADIUS - 2
    const bulge = 12 + (from - to) * 0.22
    const middle = (from + to) / 2
    const kind = now ? "now" : ""
    svg.append(
      shape("path", { d: `M${x} ${from - 3}Q${x - bulge} ${middle} ${x - 5} ${to + 3}`, class: `pointer ${kind}` }),
      shape("path", { d: "M0 0L-7 -3V3Z", class: `head ${kind}`, transform: `translate(${x} ${to + 2}) rotate(${(Math.atan2(to + 3 - middle, bulge - 5) * 180) / Math.PI})` }),
    )
  }

  const name = (place) => tape.names[place] ?? `[${place}]`
  const operand = (it) => (it.at === undefined ? bracketed(it.value) : name(it.at))
  const bracketed = (value) => (value < 0 ? `(${number(value, 4)})` : number(value, 4))

  /** What a line of the tape says of its value. */
  function made(place) {
    const step = tape.steps[place - tape.names.length]
    if (!step) return tape.names[place]
    const [x, y] = step.from.map(operand)
    if (step.sign === "neg") return `−${x}`
    if (step.sign === "**") return `${x} ** ${y}`
    return y === undefined ? `${step.sign}(${x})` : `${x} ${step.sign} ${y}`
  }

  function sentence(now) {
    if (!now) {
      const last = values.length - 1
      return `Recorded: ${values.length} lines. The result is ${number(values[last], 4)}, and its own slope is 1. Press Next to go back.`
    }
    const before = back[at.value - 2]?.slopes ?? []
    const seen = [...before]
    const gets = now.gives.map(([place, amount]) => {
      const there = seen[place]
      seen[place] = (there ?? 0) + amount
      return `${name(place)} gets ${number(amount, 4)}${there === undefined ? "" : `, for a total of ${number(seen[place], 4)}`}`
    })
    const end = at.value === back.length ? " Now every slope is known." : ""
    return `Backward through line ${now.at}, ${made(now.at)}, where the slope is ${number(now.dout, 4)}: ${gets.join("; ")}.${end}`
  }

  type(figure.root.querySelector("input").value)
})
