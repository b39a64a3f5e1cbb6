// Chapters 6 and 9: let a point, or six optimizers, run down a surface. `data-rules` names those that run.

import { element, interactive } from "./lib/figure.js"
import { shape, swatch } from "./lib/plot.js"
import { number } from "./lib/words.js"
import { contours, path, SURFACES } from "./maths/descent.js"

// The learning rates of chapter 9's figure, each good for its rule on the valley.
const RATES = { SGD: 0.9, Momentum: 0.1, Nesterov: 0.1, AdaGrad: 1.5, RMSProp: 0.1, Adam: 0.3 }
const LOOKS = ["blue", "orange", "green", "pink", "ink dashed", "muted dashed"]
const MOST = 300 // steps
const FAR = 1e4 // what is that far away will not come back
const STEPS_A_SECOND = 12

interactive("descent", (figure) => {
  const names = figure.options.rules.split(" ")
  const race = names.length > 1
  const plot = figure.plot({ x: [0, 1], y: [0, 1], width: 400, height: 400, xLabel: "x", yLabel: "y", label: "Contour lines of the surface, and the paths down it" })
  const lines = plot.layer.appendChild(shape("path", { class: "contours" }))
  const runners = names.map((name, i) => ({
    name,
    on: true,
    trail: plot.curve([], `${LOOKS[i]} thin`),
    dots: plot.layer.appendChild(shape("path", { class: `steps ${LOOKS[i]}` })),
    head: plot.dot(0, 0, LOOKS[i], 6),
  }))
  const start = plot.handle(0, 0)

  const surface = figure.list({
    label: "Surface",
    options: Object.entries(SURFACES).map(([key, { words }]) => [key, words]),
    value: figure.options.surface,
    change: choose,
  })
  // Alone, a rule has its learning rate; in a race each has its own, and all are multiplied.
  const rate = race
    ? figure.slider({ label: "All learning rates times", min: -1, max: 1, step: 0.05, value: 1, tens: true, input: reset })
    : figure.slider({ label: "Learning rate η", min: -3, max: 0.3, step: 0.01, value: 0.1, tens: true, input: reset })
  const starts = figure.group()
  const places = ["x", "y"].map((label) =>
    figure.slider({ label: `Start ${label}`, min: 0, max: 1, step: 0.01, value: 0, input: reset, into: starts }),
  )
  if (race) {
    const group = element("div", { class: "descent__rules" })
    const legend = element("legend", { class: "interactive__label" }, "Who takes part, and its learning rate")
    figure.controls.append(element("fieldset", { class: "interactive__control" }, legend, group))
    runners.forEach((runner, i) => {
      const change = (on) => ((runner.on = on), show(shown))
      const toggle = figure.toggle({ label: `${runner.name}, ${number(RATES[runner.name])}`, value: true, change, into: group })
      toggle.node.after(swatch(`${LOOKS[i]} thin`))
    })
  }
  const buttons = figure.group()
  figure.button("Step", () => (pause(), show(Math.floor(shown + 1e-9) + 1)), { into: buttons })
  const running = figure.button("Run", () => (motion ? pause() : run()), { into: buttons })
  figure.button("Reset", reset, { into: buttons })

  let motion // while it runs
  let shown // how many steps are seen, the last perhaps in part

  function choose() {
    const { window, start } = SURFACES[surface.value]
    plot.limits(window)
    lines.setAttribute("d", plot.pieces(contours(surface.value)))
    places.forEach((place, i) => {
      place.bounds(...[window.x, window.y][i])
      place.value = start[i]
    })
    reset()
  }

  /** Everybody back to the start. Where each of their steps will lead is known at once; to run is to show it. */
  function reset() {
    pause()
    const from = places.map((place) => place.value)
    start.set(...from)
    for (const runner of runners) {
      runner.lr = (race ? RATES[runner.name] : 1) * rate.value
      runner.path = path(surface.value, runner.name, runner.lr, from, MOST)
      const lost = runner.path.findIndex((point) => !point.every((it) => Math.abs(it) < FAR))
      runner.last = lost < 0 ? MOST : lost // the step at which it is lost, if it is
      runner.lost = lost >= 0
    }
    show(0)
  }

  function show(next) {
    shown = Math.min(next, end())
    if (shown === end()) pause()
    for (const runner of runners) draw(runner)
    figure.say(verdict(Math.floor(shown + 1e-9), runners.filter((it) => it.on)))
  }

  /** The step after which nobody moves any more. */
  function end() {
    return Math.max(0, ...runners.filter((it) => it.on).map((it) => it.last))
  }

  function draw({ on, path, last, trail, dots, head }) {
    for (const node of [trail.node, head.node, dots]) node.classList.toggle("nowhere", !on)
    const at = Math.min(shown, last)
    const made = Math.floor(at + 1e-9)
    const part = at - made
    const here = path[made].map((it, i) => (part > 0 ? it + part * (path[made + 1][i] - it) : it))
    const behind = path.slice(0, made + 1)
    trail.set([...behind, here])
    const near = behind.filter((point) => point.every((it) => Math.abs(it) < FAR))
    dots.setAttribute("d", near.map(([x, y]) => `M${plot.X(x).toFixed(1)} ${plot.Y(y).toFixed(1)}h.01`).join(""))
    head.set(...here)
  }

  function run() {
    if (shown === end()) show(0)
    if (figure.still) return show(MOST)
    running.textContent = "Pause"
    motion = figure.animate((milliseconds) => show(shown + (milliseconds / 1000) * STEPS_A_SECOND))
  }

  function pause() {
    motion?.stop()
    motion = undefined
    running.textContent = "Run"
  }

  function verdict(made, seen) {
    const after = `After ${made} step${made === 1 ? "" : "s"}`
    const height = ({ path }) => SURFACES[surface.value].f(...path[made])
    const lost = seen.filter((it) => it.lost && it.last <= made)
    if (!race) {
      const [{ path, lr, last }] = seen
      const rate = `with η = ${number(lr, 2)}`
      if (lost.length) return `It diverges ${rate}: step ${last} ends more than 10,000 away. The steps are too long for this surface.`
      const [x, y] = path[made].map((it) => number(it))
      return `${after} ${rate}: x = ${x}, y = ${y}, f = ${number(height(seen[0]), 4)}.`
    }
    const order = seen.filter((it) => !lost.includes(it)).sort((a, b) => height(a) - height(b))
    const places = order.map((it) => `${it.name} ${number(height(it), 2)}`).join(", ")
    const gone = lost.length ? ` Diverged: ${lost.map(({ name }) => name).join(", ")}.` : ""
    return `${after}, lowest f first: ${places || "nobody"}.${gone}`
  }

  start.onDrag((...point) => {
    places.forEach((place, i) => (place.value = point[i]))
    reset()
  })
  choose()
})
