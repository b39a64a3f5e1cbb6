// Chapter 7: draw a digit, and a network that this book's build has trained says which it is.

import { data } from "./lib/data.js"
import { element, interactive } from "./lib/figure.js"
import { set, shape } from "./lib/plot.js"
import { decode, enlarged, pixels, prepare, ranked, read, saturated, SIDE, stroke } from "./maths/digits.js"

const PAD = 280 // points a side
const PEN = 11 // radius of the pen, so that a digit of ordinary height gets lines as thick as MNIST's
const RUBBER = 16
const STEP = 10 // how far an arrow key moves the pen: one pixel of MNIST's
const START = 7 // the test digit that is there at first, to be drawn over
const COLUMNS = 10 // of hidden units

const percent = (p) => `${(100 * p).toFixed(1)}\u00a0%`
const inWords = (p) => (p >= 0.9995 ? "over 99.9\u00a0%" : p < 0.0005 ? "under 0.1\u00a0%" : percent(p))

data("digit_network").then((network) => interactive("digit", (figure) => mount(figure, network)), reportError)

function mount(figure, network) {
  const parameters = decode(network.weights)
  const digits = network.digits.map((it) => ({ ...it, picture: pixels(it.pixels) }))
  let ink = new Float64Array(PAD * PAD)
  let from // the test digit that is on the pad, as long as it is as it was
  let waiting = true // the first digit only waits for the reader's own
  const past = []

  // The stage: pad, picture, hidden units, probabilities

  figure.stage.classList.add("digit")
  const panel = (words, name, ...nodes) =>
    figure.stage.appendChild(element("div", { class: `digit__panel digit__${name}` }, element("span", { class: "interactive__label", "aria-hidden": "true" }, words), ...nodes))

  const pad = element("canvas", {
    width: PAD,
    height: PAD,
    tabindex: 0,
    role: "application",
    "aria-label": "Drawing pad: the arrow keys move the pen, and the space bar lowers or lifts it",
  })
  const pen = element("span", { class: "digit__pen", hidden: true })
  panel("Draw here", "pad", element("div", { class: "digit__paper" }, pad, pen))

  const seen = element("canvas", { width: SIDE, height: SIDE, role: "img", "aria-label": "What the network sees: 28 by 28 pixels" })
  panel("What the network sees", "seen", seen)

  const rows = network.hidden / COLUMNS
  const squares = Array.from({ length: network.hidden }, (_, i) =>
    shape("rect", { x: (i % COLUMNS) * 10 + 1.2, y: Math.floor(i / COLUMNS) * 10 + 1.2, width: 7.6, height: 7.6 }),
  )
  const label = `Outputs of the ${network.hidden} hidden units`
  panel(`Its ${network.hidden} hidden units`, "hidden", shape("svg", { viewBox: `0 0 ${10 * COLUMNS} ${10 * rows}`, role: "img", "aria-label": label }, ...squares))

  const answer = element("output", { class: "digit__answer", "aria-hidden": "true" })
  const bars = Array.from({ length: 10 }, () => element("div", { class: "digit__bar" }))
  const chances = bars.map(() => element("td"))
  const lines = bars.map((bar, i) => element("tr", {}, element("th", { scope: "row" }, String(i)), element("td", {}, bar), chances[i]))
  const table = element("table", { class: "digit__table", "aria-label": "Probability of each digit" }, element("tbody", {}, ...lines))
  panel("Its answer", "answers", answer, table)

  // The controls

  const tool = figure.choice({ label: "Pen", options: [["draw", "draws"], ["rub", "erases"]], value: "draw" })
  const buttons = figure.group()
  const undo = figure.button("Undo", () => past.length && ([ink, from] = past.pop(), draw()), { into: buttons })
  figure.button("Clear", () => {
    remember()
    ink.fill(0)
    draw()
  }, { into: buttons })
  const thumbnails = []
  const wrong = (it) => it.guess !== it.label
  for (const [words, some] of [["Test digits", digits.filter((it) => !wrong(it))], ["Test digits that it misreads", digits.filter(wrong)]]) {
    const label = element("legend", { class: "interactive__label" }, words)
    const group = element("fieldset", { class: "interactive__control digit__taken" }, label)
    figure.controls.append(group)
    for (const digit of some) {
      const button = figure.button("", () => (remember(), take(digit)), { into: group })
      button.setAttribute("aria-label", wrong(digit) ? `A ${digit.label} read as ${digit.guess}` : `A ${digit.label}`)
      const canvas = button.appendChild(element("canvas", { width: SIDE, height: SIDE }))
      thumbnails.push([canvas, digit.picture])
    }
  }

  function remember() {
    past.push([ink.slice(), from])
    if (past.length > 50) past.shift()
    from = undefined
    waiting = false
  }

  function take(digit) {
    ink = enlarged(digit.picture, PAD)
    from = digit
    draw()
  }

  // Drawing, with a pointer or with the keyboard

  /** Before each line: whoever draws for the first time starts on a clean pad. */
  function begin() {
    const clean = waiting && tool.value === "draw"
    remember()
    if (clean) ink.fill(0)
  }

  function line(start, end) {
    const rub = tool.value === "rub"
    stroke(ink, PAD, start, end, rub ? RUBBER : PEN, rub)
  }

  let last // where the pointer was
  const at = (event) => {
    const box = pad.getBoundingClientRect()
    return [((event.clientX - box.left) / box.width) * PAD, ((event.clientY - box.top) / box.height) * PAD]
  }
  pad.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || last) return
    pad.setPointerCapture(event.pointerId)
    putAway()
    begin()
    line((last = at(event)), last)
    draw()
  })
  pad.addEventListener("pointermove", (event) => {
    if (!last || !pad.hasPointerCapture(event.pointerId)) return
    const events = event.getCoalescedEvents?.() ?? []
    for (const it of events.length ? events : [event]) line(last, (last = at(it)))
    draw()
  })
  pad.addEventListener("lostpointercapture", () => (last = undefined))

  const keyboard = { at: [PAD / 2, PAD / 2], down: false }
  const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
  pad.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === " ") {
      keyboard.down = !keyboard.down
      if (keyboard.down) begin()
    } else if (!MOVES[event.key]) return
    event.preventDefault()
    const before = keyboard.at
    const move = MOVES[event.key] ?? [0, 0]
    keyboard.at = before.map((it, i) => Math.min(PAD - STEP, Math.max(STEP, it + STEP * move[i])))
    if (keyboard.down) line(before, keyboard.at)
    pen.hidden = false
    draw()
  })
  pad.addEventListener("blur", () => {
    if (pen.hidden) return
    putAway()
    draw()
  })

  function putAway() {
    keyboard.down = false
    pen.hidden = true
  }

  // What is to be seen

  function draw() {
    const picture = prepare(ink, PAD)
    const empty = !picture.some((it) => it)
    const { hidden, probabilities } = read(parameters, picture)
    const order = ranked(probabilities)
    paint(pad, ink)
    paint(seen, picture)
    pen.classList.toggle("digit__pen--down", keyboard.down)
    pen.style.left = `${(100 * keyboard.at[0]) / PAD}%`
    pen.style.top = `${(100 * keyboard.at[1]) / PAD}%`
    squares.forEach((square, i) => {
      const end = empty || saturated(hidden.subarray(i, i + 1), network.saturation)
      set(square, { "fill-opacity": empty ? 0 : hidden[i].toFixed(3), rx: end ? 0 : 3.8 }) // what is not saturated is round
    })
    bars.forEach((bar, i) => {
      bar.style.width = empty ? "0" : `${100 * probabilities[i]}%`
      chances[i].textContent = empty ? "" : percent(probabilities[i])
      lines[i].classList.toggle("digit__first", !empty && i === order[0])
    })
    answer.textContent = empty ? "?" : order[0]
    undo.disabled = !past.length
    figure.say(where() + (empty ? "The pad is empty: draw a digit." : verdict(probabilities, hidden, order)))
  }

  function verdict(y, hidden, [first, second]) {
    const who = !from ? "It" : `Test digit ${from.row} is a ${from.label}, ${from.label === first ? "and" : "but"} the network`
    const answers = `says ${first}, with ${inWords(y[first])}. Second: ${second}, with ${inWords(y[second])}.`
    return `${who} ${answers} ${saturated(hidden, network.saturation)} of ${network.hidden} hidden units are saturated.`
  }

  function where() {
    if (pen.hidden) return ""
    const [x, y] = keyboard.at.map((it) => it / STEP)
    return `The pen is ${keyboard.down ? "down" : "lifted"}, ${x} of ${SIDE} pixels from the left and ${y} from the top. `
  }

  function paint(canvas, values) {
    const context = canvas.getContext("2d")
    const image = context.createImageData(canvas.width, canvas.height)
    values.forEach((value, i) => (image.data[4 * i + 3] = 255 * value))
    context.putImageData(image, 0, 0)
    context.globalCompositeOperation = "source-in" // the pixels keep how dense they are, and take the color
    context.fillStyle = figure.color("ink")
    context.fillRect(0, 0, canvas.width, canvas.height)
    context.globalCompositeOperation = "source-over"
  }

  function paintThumbnails() {
    for (const [canvas, picture] of thumbnails) paint(canvas, picture)
  }

  figure.onColors(() => (paintThumbnails(), draw()))
  paintThumbnails()
  take(digits.find((it) => it.label === START))
}
