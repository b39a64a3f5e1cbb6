// Chapter 12: a small network learns to separate two kinds of points in a plane, and may learn them by heart.

import { contour, sample } from "./lib/contours.js"
import { element, interactive } from "./lib/figure.js"
import { shape } from "./lib/plot.js"
import { number } from "./lib/words.js"
import { dataset, judge, network, predictor, step } from "./maths/training.js"

const SETS = { moons: "two moons", ring: "a ring", xor: "XOR, in clouds", spirals: "two spirals" }
const TRAIN = 60
const TEST = 1000
const MOST = 5000 // steps
const STEPS_A_SECOND = 120
const WINDOW = { x: [-3.4, 3.4], y: [-3.4, 3.4] }
const CELLS = 48 // the plane is asked in so many places each way, and one more

interactive("training", (figure) => {
  let seed = 1
  const plane = figure.plot({ ...WINDOW, width: 330, height: 330, xLabel: "x₁", yLabel: "x₂", label: "The points, and the network's answer at every place of the plane" })
  const colors = plane.layer.appendChild(shape("image", { preserveAspectRatio: "none", ...box(plane) }))
  const canvas = element("canvas", { width: CELLS + 1, height: CELLS + 1 }) // is never shown: the image is made on it
  const boundary = plane.layer.appendChild(shape("path", { class: "line ink" }))
  const points = plane.layer.appendChild(shape("g"))
  const losses = figure.plot({ x: [0, 100], y: [0, 1], width: 330, height: 330, xLabel: "step", yLabel: "loss", label: "The loss on the training points and on others" })
  const train = losses.curve([], "blue")
  const test = losses.curve([], "orange")
  const names = [losses.text(0, 0, "training", "blue end"), losses.text(0, 0, "others", "orange end")]

  const set = figure.list({ label: "Points", options: Object.entries(SETS), value: "moons", change: start })
  const width = figure.slider({ label: "Hidden units", min: 1, max: 40, step: 1, value: 3, input: start })
  const rate = figure.slider({ label: "Learning rate", min: -2, max: 1.3, step: 0.05, value: 1, tens: true, input: say })
  const buttons = figure.group()
  figure.button("Step", () => (pause(), learn(1)), { into: buttons })
  const running = figure.button("Run", () => (motion ? pause() : run()), { into: buttons })
  figure.button("Reset", start, { into: buttons })
  figure.button("New points and weights", () => ((seed += 10), start()), { into: buttons })

  let motion, data, others, net, steps, due, history

  function start() {
    pause()
    data = dataset(set.value, TRAIN, seed)
    others = dataset(set.value, TEST, seed + 1)
    net = network(width.value, seed + 2)
    steps = due = 0
    history = []
    const marks = Array.from(data.t, (label, n) => {
      const [x, y] = [plane.X(data.x[2 * n]), plane.Y(data.x[2 * n + 1])]
      // The classes differ in shape, too.
      return label
        ? shape("rect", { x: x - 3.5, y: y - 3.5, width: 7, height: 7, class: "dot orange edged" })
        : shape("circle", { cx: x, cy: y, r: 4, class: "dot blue edged" })
    })
    points.replaceChildren(...marks)
    remember()
    draw()
  }

  function learn(count) {
    for (let i = 0; i < count && steps < MOST; i++) {
      step(net, data, rate.value)
      steps++
      if (steps % (steps < 400 ? 4 : 20) === 0) remember()
    }
    if (steps === MOST) pause()
    draw()
  }

  function remember() {
    history.push([steps, judge(net, data).loss, judge(net, others).loss])
  }

  function run() {
    if (steps === MOST) start()
    if (figure.still) return learn(500)
    running.textContent = "Pause"
    motion = figure.animate((milliseconds) => {
      due += (milliseconds / 1000) * STEPS_A_SECOND
      const whole = Math.floor(due)
      due -= whole
      if (whole) learn(whole)
    })
  }

  function pause() {
    motion?.stop()
    motion = undefined
    running.textContent = "Run"
  }

  function draw() {
    paint()
    // The axis doubles as often as the last losses ask for it, rather than follow each of their leaps.
    const most = Math.max(1, ...history.at(-1).slice(1).filter(Number.isFinite))
    losses.limits({ x: [0, Math.max(100, steps)], y: [0, 2 ** Math.ceil(Math.log2(most))] })
    train.set(history.map(([x, y]) => [x, y]))
    test.set(history.map(([x, , y]) => [x, y]))
    const [, high] = losses.y
    names[0].set(losses.x[1], 0.94 * high)
    names[1].set(losses.x[1], 0.86 * high)
    say()
  }

  /** Color the plane by the probability, and draw the line where it is a half. */
  function paint() {
    const asked = sample(predictor(net), WINDOW, CELLS)
    const context = canvas.getContext("2d")
    const image = context.createImageData(CELLS + 1, CELLS + 1)
    const [blue, orange] = ["blue", "orange"].map((name) => channels(figure.color(name)))
    asked.values.forEach((column, i) =>
      column.forEach((y, j) => {
        const at = 4 * ((CELLS - j) * (CELLS + 1) + i)
        image.data.set(y > 0.5 ? orange : blue, at)
        image.data[at + 3] = 150 * Math.abs(y - 0.5)
      }),
    )
    context.putImageData(image, 0, 0)
    colors.setAttribute("href", canvas.toDataURL())
    boundary.setAttribute("d", plane.pieces(contour(asked, 0.5)))
  }

  function say() {
    const [own, other] = [judge(net, data), judge(net, others)]
    if (!Number.isFinite(own.loss)) return figure.say(`It diverged within ${steps} steps: the learning rate is too large.`)
    const percent = (it) => `${Math.round(100 * it)}%`
    figure.say(
      `After ${steps} step${steps === 1 ? "" : "s"} with ${width.value} hidden unit${width.value === 1 ? "" : "s"}: loss ${number(own.loss, 2)} on ${TRAIN} training points, ` +
        `${percent(own.accuracy)} right; ${number(other.loss, 2)} on 1,000 others, ${percent(other.accuracy)} right.`,
    )
  }

  figure.onColors(paint)
  start()
})

/** Where the image stands: each place that is asked is the middle of a pixel, so half a pixel more all around. */
function box({ X, Y }) {
  const [left, right, top, bottom] = [X(WINDOW.x[0]), X(WINDOW.x[1]), Y(WINDOW.y[1]), Y(WINDOW.y[0])]
  const [dx, dy] = [(right - left) / CELLS, (bottom - top) / CELLS]
  return { x: left - dx / 2, y: top - dy / 2, width: right - left + dx, height: bottom - top + dy }
}

function channels(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16))
}
