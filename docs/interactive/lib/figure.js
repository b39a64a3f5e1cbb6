// What every interactive figure stands in: a stage for plots, a row of real controls, and a line of words.
//
//     interactive("step_size", (figure) => {
//       const h = figure.slider({ label: "h", min: -16, max: 0, step: 0.1, value: 1e-5, tens: true, input: draw })
//       const plot = figure.plot({ x: [0, 1], y: [0, 1], label: "The curve" })
//       function draw() { …; figure.say(`At h = ${…} the error is ${…}.`) }
//       draw()
//     })

import { Plot } from "./plot.js"
import { number } from "./words.js"

/** Put `mount`'s figure in the place of every still picture that is marked `data-interactive="name"`. */
export function interactive(name, mount) {
  for (const picture of document.querySelectorAll(`img[data-interactive="${name}"]`)) {
    const figure = new Figure(picture)
    try {
      figure.show() // first, so that what is mounted has sizes and colors; nobody sees it before it is done
      mount(figure)
    } catch (error) {
      figure.remove() // the still picture stays
      reportError(error)
    }
  }
}

/** An element with attributes (an `on…` function listens) and children. */
export function element(tag, attributes = {}, ...children) {
  const it = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes))
    if (name.startsWith("on")) it.addEventListener(name.slice(2), value)
    else if (value === true) it.setAttribute(name, "")
    else if (value !== false && value !== undefined) it.setAttribute(name, value)
  it.append(...children)
  return it
}

let count = 0

export class Figure {
  constructor(picture) {
    this.picture = picture
    /** What the page says to this figure: `{ data-start="-4,-2" }` beside the picture is `options.start`. */
    this.options = picture.dataset
    this.id = `interactive-${++count}`
    this.stage = element("div", { class: "interactive__stage" })
    this.controls = element("div", { class: "interactive__controls" })
    this.words = element("p", { class: "interactive__words" })
    this.heard = element("p", { class: "interactive__heard", "aria-live": "polite" })
    this.root = element("div", { class: "interactive", role: "group" }, this.stage, this.controls, this.words, this.heard)
    this.root.setAttribute("aria-label", "Interactive figure") // the caption names it, its plots have words of their own
    const touched = () => (this.touched = true)
    for (const event of ["input", "click", "pointerdown"]) this.root.addEventListener(event, touched, { once: true, capture: true })
    this.onScreen = true
    this.running = new Set()
  }

  /** Take the still picture's place. It comes back in print, and if this figure is removed. */
  show() {
    const still = this.picture.closest("p") ?? this.picture
    this.picture.loading = "eager" // it is out of sight now, and still has to be there for print
    still.before(this.root)
    still.classList.add("interactive-still")
    new IntersectionObserver((entries) => {
      this.onScreen = entries.at(-1).isIntersecting
      if (this.onScreen) for (const animation of this.running) animation.wake()
    }).observe(this.root)
  }

  remove() {
    for (const animation of this.running) animation.stop()
    this.root.remove()
    ;(this.picture.closest("p") ?? this.picture).classList.remove("interactive-still")
  }

  /** Say in words what the figure shows: at once on screen, and, after the reader has touched it, to a screen reader at the next pause. */
  say(text) {
    this.words.textContent = text
    clearTimeout(this.pause)
    this.pause = setTimeout(() => {
      if (this.touched && this.heard.textContent !== text) this.heard.textContent = text
    }, 500)
  }

  /** A plot on the stage. The options are those of Plot. */
  plot(options) {
    const plot = new Plot(options)
    this.stage.append(plot.svg)
    return plot
  }

  // Controls. Each returns an object whose `value` can be read and set; setting it calls no listener.

  /** Controls that belong together, in a row of their own: give it to them as `into`. */
  group(label) {
    const group = element("div", { class: "interactive__group", role: label && "group", "aria-label": label })
    this.controls.append(group)
    return group
  }

  /**
   * A slider with its value beside it: `format` turns the number into words. With `tens` it moves through powers of ten,
   * of which `min`, `max` and `step` are the exponents; its value has the two digits that are to be read, and no more.
   */
  slider({ label, min, max, step, value, tens = false, format = tens ? (v) => number(v, 2) : number, input, into = this.controls }) {
    const [place, valueAt] = tens ? [Math.log10, (at) => +(10 ** at).toPrecision(2)] : [Number, Number]
    const range = element("input", { type: "range", min, max, step, value: place(value) })
    const output = element("span", { class: "interactive__value", "aria-hidden": "true" }) // aria-valuetext says it
    into.append(labeled(label, range, "interactive__control--slider", output))
    const show = () => {
      output.textContent = format(valueAt(range.value))
      range.setAttribute("aria-valuetext", output.textContent)
    }
    range.addEventListener("input", () => {
      show()
      input?.(valueAt(range.value))
    })
    show()
    const it = control(range, () => valueAt(range.value), (next) => ((range.value = place(next)), show()))
    it.bounds = (min, max) => Object.assign(range, { min, max })
    return it
  }

  /** A few values of which one is chosen: `options` are pairs of value and words. */
  choice({ label, options, value, change, into = this.controls }) {
    const name = `${this.id}-${++count}`
    const radios = options.map(([choice]) =>
      element("input", { type: "radio", name, value: choice, checked: choice === value, onchange: () => change?.(choice) }),
    )
    const labels = options.map(([, words], i) => element("label", {}, radios[i], element("span", {}, words)))
    const legend = element("legend", { class: "interactive__label" }, label)
    const group = element("div", { class: "interactive__choices" }, ...labels)
    const fieldset = element("fieldset", { class: "interactive__control" }, legend, group)
    into.append(fieldset)
    const get = () => options[radios.findIndex((radio) => radio.checked)][0]
    return control(fieldset, get, (next) => {
      radios.forEach((radio, i) => (radio.checked = options[i][0] === next))
    })
  }

  /** The same for many values: a list that opens. */
  list({ label, options, value, change, into = this.controls }) {
    const items = options.map(([choice, words]) => element("option", { value: choice, selected: choice === value }, words))
    const select = element("select", {}, ...items)
    select.addEventListener("change", () => change?.(select.value))
    into.append(labeled(label, select))
    return control(select, () => select.value, (next) => (select.value = next))
  }

  /** A number to type. Anything else, or a number out of bounds, changes nothing and disappears when the field is left. */
  number({ label, value, min, max, step = "any", input, into = this.controls }) {
    const field = element("input", { type: "number", inputmode: "decimal", value, min, max, step, required: true })
    field.addEventListener("input", () => {
      if (!field.checkValidity()) return this.say(`${label} must be a number from ${number(min)} to ${number(max)}.`)
      value = field.valueAsNumber
      input?.(value)
    })
    field.addEventListener("blur", () => {
      if (field.checkValidity()) return
      field.value = value
      input?.(value)
    })
    into.append(labeled(label, field))
    return control(field, () => value, (next) => (field.value = value = next))
  }

  /** Words to type. `input` says what is wrong with them, or nothing. */
  text({ label, value, size, input, into = this.controls }) {
    const field = element("input", { type: "text", value, size, spellcheck: "false", autocapitalize: "off", autocomplete: "off" })
    field.addEventListener("input", () => field.setCustomValidity(input?.(field.value) ?? ""))
    into.append(labeled(label, field))
    return control(field, () => field.value, (next) => (field.value = next))
  }

  toggle({ label, value = false, change, into = this.controls }) {
    const box = element("input", { type: "checkbox", checked: value })
    box.addEventListener("change", () => change?.(box.checked))
    into.append(element("label", { class: "interactive__control interactive__control--toggle" }, box, element("span", {}, label)))
    return control(box, () => box.checked, (next) => (box.checked = next))
  }

  button(label, click, { into = this.controls } = {}) {
    const button = element("button", { type: "button", class: "interactive__button", onclick: click }, label)
    into.append(button)
    return button
  }

  // Motion

  /** Whether the reader's system asks for no motion: then show the end of a movement, or one step a click. */
  get still() {
    return matchMedia("(prefers-reduced-motion: reduce)").matches
  }

  /** Call `frame(milliseconds since the last)` for each frame on screen until it returns false or `stop()` is called. */
  animate(frame) {
    let last, request
    const tick = (now) => {
      request = undefined
      const more = frame(Math.min(now - (last ?? now), 100))
      last = now
      if (more === false) animation.stop()
      else animation.wake()
    }
    const animation = {
      wake: () => {
        if (this.onScreen && this.running.has(animation)) request ??= requestAnimationFrame(tick)
        else last = undefined
      },
      stop: () => {
        cancelAnimationFrame(request)
        this.running.delete(animation)
      },
    }
    this.running.add(animation)
    animation.wake()
    return animation
  }

  // Colors, for a canvas; in SVG the classes of interactive.css do this by themselves

  /** The value that a color of the figures ("ink", "blue", "sequential-3", …) has now. */
  color(name) {
    return getComputedStyle(this.root).getPropertyValue(`--fig-${name}`).trim()
  }

  /** Call `draw` when the reader switches between light and dark. */
  onColors(draw) {
    new MutationObserver(draw).observe(document.body, { attributeFilter: ["data-md-color-scheme"] })
  }
}

function labeled(words, input, style = "", ...more) {
  input.id = `control-${++count}`
  const label = element("label", { class: "interactive__label", for: input.id }, words)
  return element("div", { class: `interactive__control ${style}` }, label, ...more, input)
}

function control(node, get, set) {
  return {
    node,
    get value() {
      return get()
    },
    set value(next) {
      set(next)
    },
  }
}
