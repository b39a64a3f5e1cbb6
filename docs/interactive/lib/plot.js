// A small plot in SVG: axes, curves, points, words, and points that can be dragged. Looks are in interactive.css.

import { number, power } from "./words.js"

const SVG = "http://www.w3.org/2000/svg"

/** An SVG element with attributes. */
export function shape(tag, attributes = {}, ...children) {
  const it = document.createElementNS(SVG, tag)
  set(it, attributes)
  it.append(...children)
  return it
}

export function set(it, attributes) {
  for (const [name, value] of Object.entries(attributes)) it.setAttribute(name, value)
  return it
}

/** Numbers of a path; a point that is not finite interrupts it. */
function path(points, X, Y) {
  let d = ""
  let pen = "M"
  for (const [x, y] of points) {
    const [px, py] = [X(x), Y(y)]
    if (Number.isFinite(px) && Number.isFinite(py)) {
      d += `${pen}${px.toFixed(1)} ${py.toFixed(1)}`
      pen = "L"
    } else pen = "M"
  }
  return d
}

const MARGIN = { left: 48, right: 10, top: 12, bottom: 40 }

export class Plot {
  /**
   * `x` and `y` are [low, high]; with `xLog` or `yLog` an axis counts in powers of ten. `label` says in words what is
   * plotted. `equal` gives both axes the same unit. Points, curves and words are placed in the units of the data.
   */
  constructor({ x, y, xLog = false, yLog = false, xLabel = "", yLabel = "", label, width = 340, height = 260, margin = MARGIN, axes = true }) {
    Object.assign(this, { width, height, margin, xLog, yLog, axes })
    this.frame = shape("g", { class: "axes" })
    this.clip = `clip-${(Plot.count = (Plot.count ?? 0) + 1)}`
    this.layer = shape("g", { "clip-path": `url(#${this.clip})` })
    this.over = shape("g") // points and words, which may stand out over the edge
    const [w, h] = [width - margin.left - margin.right, height - margin.top - margin.bottom]
    const window = shape("rect", { x: margin.left, y: margin.top, width: w, height: h })
    const clip = shape("clipPath", { id: this.clip }, window)
    this.svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label, class: "plot" })
    this.svg.append(clip, this.frame, this.layer, this.over)
    this.xLabel = xLabel
    this.yLabel = yLabel
    this.limits({ x, y })
  }

  /**
   * Set what the axes show; `xTicks`, `yTicks` and `xWords` are asked first, if they are set. What has been drawn is
   * not moved: draw it again.
   */
  limits({ x = this.x, y = this.y }) {
    const { margin, width, height } = this
    this.x = x
    this.y = y
    this.X = scale(x, [margin.left, width - margin.right], this.xLog)
    this.Y = scale(y, [height - margin.bottom, margin.top], this.yLog)
    this.frame.replaceChildren()
    if (this.axes) this.#drawAxes()
  }

  #drawAxes() {
    const { margin, width, height, X, Y, frame } = this
    const [left, right, top, bottom] = [margin.left, width - margin.right, margin.top, height - margin.bottom]
    for (const tick of this.xTicks ?? ticks(this.x, this.xLog)) {
      const at = X(tick)
      frame.append(shape("line", { x1: at, x2: at, y1: top, y2: bottom, class: "grid" }))
      frame.append(text(at, bottom + 15, (this.xWords ?? (this.xLog ? power : number))(tick), "tick middle"))
    }
    for (const tick of this.yTicks ?? ticks(this.y, this.yLog)) {
      const at = Y(tick)
      frame.append(shape("line", { x1: left, x2: right, y1: at, y2: at, class: "grid" }))
      frame.append(text(left - 6, at + 4, (this.yLog ? power : number)(tick), "tick end"))
    }
    frame.append(shape("path", { d: `M${left} ${top}V${bottom}H${right}`, class: "spine" }))
    frame.append(text((left + right) / 2, height - 5, this.xLabel, "name middle"))
    const side = text(0, 0, this.yLabel, "name middle")
    side.setAttribute("transform", `translate(11 ${(top + bottom) / 2}) rotate(-90)`)
    frame.append(side)
  }

  /** A curve through points, pairs of x and y; `set(points)` moves it. Its class is its color and dashes. */
  curve(points, style = "blue") {
    const line = shape("path", { class: `line ${style}` })
    this.layer.append(line)
    const it = { node: line, set: (next) => set(line, { d: path(next, this.X, this.Y) }) }
    it.set(points)
    return it
  }

  /** What a path draws that has many pieces, such as `contour` finds: pairs of points. */
  pieces(pairs) {
    return pairs.map((pair) => path(pair, this.X, this.Y)).join("")
  }

  /** A point; `set(x, y)` moves it. */
  dot(x, y, style = "blue", r = 5) {
    const circle = shape("circle", { r, class: `dot ${style}` })
    this.over.append(circle)
    return this.#placed(circle, (px, py) => ({ cx: px, cy: py }), x, y)
  }

  /** A ring to take hold of; the hand's place around it is as large as a finger needs. `onDrag` is that of the plot. */
  handle(x, y, style = "ink") {
    const hand = shape("circle", { r: 20, class: "hand" })
    const node = shape("g", { class: "handle" }, hand, shape("circle", { r: 8, class: `dot ring ${style}` }))
    this.over.append(node)
    const placed = this.#placed(node, (px, py) => ({ transform: `translate(${px} ${py})` }), x, y)
    return Object.assign(placed, { onDrag: (move) => this.onDrag(move, node) })
  }

  /** Words beside a point. */
  text(x, y, words, style = "") {
    const it = text(0, 0, words, style)
    this.over.append(it)
    const placed = this.#placed(it, (px, py) => ({ x: px, y: py }), x, y)
    return Object.assign(placed, { say: (next) => (it.textContent = next) })
  }

  #placed(node, attributes, x, y) {
    const it = {
      node,
      set: (nextX, nextY) => {
        const [px, py] = [this.X(nextX), this.Y(nextY)]
        node.classList.toggle("nowhere", !(Number.isFinite(px) && Number.isFinite(py)))
        if (Number.isFinite(px) && Number.isFinite(py)) set(node, attributes(px, py))
      },
    }
    it.set(x, y)
    return it
  }

  /** Where on the axes a place of the window is, kept inside. */
  at(x, y) {
    const point = new DOMPoint(x, y).matrixTransform(this.svg.getScreenCTM().inverse())
    return [within(this.X.invert(point.x), this.x), within(this.Y.invert(point.y), this.y)]
  }

  /**
   * Let a pointer drag: `move(x, y, phase)` with "start", "move" and "end". For the keyboard there has to be a control
   * that does the same. Without `grip` the whole plot can be dragged over, to the side: a finger that goes up or down
   * scrolls the page, so one that has come down counts when it goes to the side, or is lifted where it was.
   */
  onDrag(move, grip = this.svg) {
    const whole = grip === this.svg
    let off // from the middle of what is held to the pointer
    let finger // where a finger came down that may yet be about to scroll
    grip.classList.add("grip")
    const tell = (phase) => (event) => {
      if (phase === "start") {
        if (event.button !== 0) return
        grip.setPointerCapture(event.pointerId)
        const box = grip.getBoundingClientRect()
        off = whole ? [0, 0] : [event.clientX - box.x - box.width / 2, event.clientY - box.y - box.height / 2]
        finger = whole && event.pointerType === "touch" ? event : undefined
        if (finger) return
      } else if (!grip.hasPointerCapture(event.pointerId)) return
      if (phase === "move" && finger) {
        const [right, down] = [event.clientX - finger.clientX, event.clientY - finger.clientY].map(Math.abs)
        if (right < 8 || right < down) return
        finger = undefined
      }
      event.preventDefault()
      move(...this.at(event.clientX - off[0], event.clientY - off[1]), phase)
    }
    // For parts of a drawing, browsers do not all heed `touch-action: none`: this, they do.
    if (!whole) grip.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false })
    grip.addEventListener("pointerdown", tell("start"))
    grip.addEventListener("pointermove", tell("move"))
    grip.addEventListener("pointerup", tell("end"))
  }
}

/** A short piece of a curve's line, for the words that explain it. */
export function swatch(style) {
  const line = shape("path", { class: `line ${style}`, d: "M1 6H27" })
  return shape("svg", { viewBox: "0 0 28 12", width: 28, height: 12, "aria-hidden": "true" }, line)
}

function text(x, y, words, style) {
  return shape("text", { x, y, class: style }, words)
}

function within(value, [low, high]) {
  return Math.min(Math.max(value, low), high)
}

/** From the data's interval to the picture's, with `invert` for the way back. */
export function scale([low, high], [from, to], log = false) {
  const forth = log ? Math.log10 : (v) => v
  const back = log ? (v) => 10 ** v : (v) => v
  const factor = (to - from) / (forth(high) - forth(low))
  const map = (value) => from + (forth(value) - forth(low)) * factor
  map.invert = (place) => back(forth(low) + (place - from) / factor)
  return map
}

/** Four to seven round numbers in an interval; powers of ten on a logarithmic axis. */
export function ticks([low, high], log = false) {
  if (log) {
    const [from, to] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)]
    const step = Math.ceil((to - from) / 5) || 1
    return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => 10 ** (to - i * step)).reverse()
  }
  const rough = (high - low) / 5
  const unit = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].find((m) => m * unit >= rough) * unit
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step)
}
