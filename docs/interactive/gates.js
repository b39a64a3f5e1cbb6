// Chapter 1: move a perceptron's line until its truth table is right; XOR needs a second line.

import { element, interactive } from "./lib/figure.js"
import { ends, foot, side, through } from "./lib/lines.js"
import { shape } from "./lib/plot.js"
import { number } from "./lib/words.js"
import { CORNERS, GATES, network, right } from "./maths/perceptron.js"

const START = [
  { w: [0.5, 0.5], b: -0.2 },
  { w: [-0.5, 0.3], b: 0.4 },
]
const LOOKS = ["blue", "orange"]
const BOX = [-0.4, 1.4]
const MIDDLE = [0.5, 0.5]

interactive("gates", (figure) => {
  const units = structuredClone(START)
  let taken = 0 // the line that the sliders move

  const plot = figure.plot({ x: BOX, y: BOX, width: 300, height: 300, xLabel: "x₁", yLabel: "x₂", label: "The four corners and the line of the perceptron" })
  plot.svg.classList.add("gates__plane")
  const areas = LOOKS.map((look) => plot.layer.appendChild(shape("path", { class: `area ${look}` })))
  const lines = LOOKS.map((look) => plot.curve([], look))
  const arrows = LOOKS.map((look) => plot.curve([], `${look} arrow`))
  const corners = CORNERS.map(([x1, x2]) => plot.dot(x1, x2, "ink", 9))
  const grips = LOOKS.map((look) => [0, 1].map(() => plot.handle(0, 0, look)))

  const cells = CORNERS.map(() => element("td"))
  const marks = CORNERS.map(() => element("td"))
  const wanted = CORNERS.map(() => element("td"))
  const head = ["x₁", "x₂", "wanted", "answer", "right"].map((it) => element("th", { scope: "col" }, it))
  const rows = CORNERS.map(([x1, x2], i) =>
    element("tr", {}, element("td", {}, String(x1)), element("td", {}, String(x2)), wanted[i], cells[i], marks[i]),
  )
  figure.stage.append(
    element("table", { class: "gates__table" }, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows)),
  )

  const gate = figure.choice({ label: "Gate", options: Object.keys(GATES).map((it) => [it, it]), value: "AND", change: draw })
  const second = figure.toggle({ label: "A second layer", change: draw })
  const which = figure.choice({ label: "Move", options: [["0", "the first line"], ["1", "the second"]], value: "0", change: take })
  const numbers = figure.group()
  const bounds = { min: -1, max: 1, step: 0.01, value: 0, into: numbers }
  const sliders = ["w₁", "w₂", "b"].map((label, i) =>
    figure.slider({ label, ...bounds, input: (value) => (i < 2 ? (units[taken].w[i] = value) : (units[taken].b = value), draw()) }),
  )
  const swap = () => {
    const { w, b } = units[taken]
    units[taken] = { w: w.map((it) => -it), b: -b }
    take()
  }
  figure.button("Swap the sides", swap, { into: numbers })

  function take() {
    taken = second.value ? +which.value : 0
    const { w, b } = units[taken]
    ;[...w, b].forEach((value, i) => (sliders[i].value = value))
    draw()
  }

  function draw() {
    const used = second.value ? units : [units[0]]
    which.node.hidden = !second.value
    if (taken >= used.length) return take()
    LOOKS.forEach((_, i) => {
      const seen = i < used.length && Math.hypot(...units[i].w) > 0
      for (const node of [areas[i], lines[i].node, arrows[i].node, ...grips[i].map((it) => it.node)])
        node.classList.toggle("nowhere", !seen)
      if (seen) drawLine(i)
    })
    const fine = right(used, gate.value)
    CORNERS.forEach(([x1, x2], i) => {
      const want = GATES[gate.value][i]
      corners[i].node.setAttribute("class", `dot ink ${want ? "" : "ring"}`)
      wanted[i].textContent = want
      cells[i].textContent = network(used, x1, x2)
      marks[i].textContent = fine[i] ? "✓" : "✗"
      rows[i].className = fine[i] ? "" : "gates__wrong"
    })
    figure.say(verdict(fine.filter(Boolean).length, used))
  }

  function verdict(count, used) {
    const numbers = used.map(({ w, b }) => `w = (${number(w[0])}, ${number(w[1])}), b = ${number(b)}`).join(" and ")
    const who = used.length === 1 ? "the perceptron with" : "the AND of the perceptrons with"
    const end = count === 4 ? `all four corners right: this is ${gate.value}.` : `${count} of 4 corners right.`
    const none = used.length === 1 && Math.hypot(...used[0].w) === 0 ? " Without weights there is no line: every corner gets the same answer." : ""
    const never = gate.value === "XOR" && used.length === 1 && count === 3 ? " No single line does better: try a second layer." : ""
    return `${who[0].toUpperCase()}${who.slice(1)} ${numbers} gets ${end}${none || never}`
  }

  function drawLine(i) {
    const unit = units[i]
    lines[i].set(ends(unit, MIDDLE, 3))
    const corner = side(unit, BOX, BOX).map(([x, y]) => `${plot.X(x).toFixed(1)} ${plot.Y(y).toFixed(1)}`)
    areas[i].setAttribute("d", corner.length ? `M${corner.join("L")}Z` : "")
    const [x, y] = foot(unit, MIDDLE)
    const length = Math.hypot(...unit.w)
    const [dx, dy] = unit.w.map((it) => (0.3 * it) / length)
    const barb = (turn) => [x + 0.75 * dx - turn * dy, y + 0.75 * dy + turn * dx]
    arrows[i].set([[x, y], [x + dx, y + dy], [NaN, NaN], barb(0.15), [x + dx, y + dy], barb(-0.15)])
    ends(unit, MIDDLE, 0.55).forEach((end, j) => grips[i][j].set(...end))
  }

  grips.forEach((pair, i) =>
    pair.forEach((grip, j) => {
      let other
      grip.onDrag((x, y, phase) => {
        if (phase === "start") {
          other = ends(units[i], MIDDLE, 0.55)[1 - j]
          taken = i
          which.value = String(i)
        }
        const { w, b } = through(j ? other : [x, y], j ? [x, y] : other, units[i])
        const most = Math.max(1, ...[...w, b].map(Math.abs)) // the sliders end at 1; the line stays when all three shrink
        const rounded = (it) => Math.round((100 * it) / most) / 100
        units[i] = { w: w.map(rounded), b: rounded(b) }
        take()
      })
    }),
  )
  take()
})
