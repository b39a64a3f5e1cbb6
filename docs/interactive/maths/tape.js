// A tape for single numbers, as dlbook.autodiff records it: from an expression as people type it to values, and back.

/** Each operation: its value, and what each operand gets of `dout`, which came back; how it is written. */
const OPERATIONS = {
  "+": { forward: (x, y) => x + y, back: (dout) => [dout, dout] },
  "−": { forward: (x, y) => x - y, back: (dout) => [dout, -dout] },
  "×": { forward: (x, y) => x * y, back: (dout, [x, y]) => [dout * y, dout * x] },
  "/": { forward: (x, y) => x / y, back: (dout, [, y], out) => [dout / y, (-dout * out) / y] },
  "**": { forward: (x, n) => x ** n, back: (dout, [x, n]) => [dout * n * x ** (n ? n - 1 : 0)] },
  neg: { forward: (x) => -x, back: (dout) => [-dout] },
  exp: { forward: Math.exp, back: (dout, _, out) => [dout * out] },
  log: { forward: Math.log, back: (dout, [x]) => [dout / x] },
  tanh: { forward: Math.tanh, back: (dout, _, out) => [dout * (1 - out ** 2)] },
  relu: { forward: (x) => (x > 0 || Number.isNaN(x) ? x : 0), back: (dout, [x]) => [x > 0 ? dout : 0] },
}
const FUNCTIONS = ["exp", "log", "tanh", "relu"]
const TOKEN = /\s*(?:(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)|([a-z]\w*)|(\*\*|[-+*/^()−×·]))/iy
const SAME = { "-": "−", "*": "×", "·": "×", "^": "**" }

/**
 * What an expression says: `{ names, steps }`, its variables in the order in which they come, and a step for each operation,
 * `{ sign, from }`. In `from`, `{ at }` is a place on the tape, where the variables come first, and `{ value }` a constant.
 * If it says nothing, `{ problem }` says why.
 */
export function read(text) {
  try {
    return new Reader(text).all()
  } catch (error) {
    if (error instanceof Problem) return { problem: error.message }
    throw error
  }
}

class Problem extends Error {}

/** Reads as Python does: ** before signs, × and / before + and −, each from the left, but ** from the right. */
class Reader {
  constructor(text) {
    this.tokens = []
    TOKEN.lastIndex = 0
    for (let end = 0; text.slice(end).trim(); end = TOKEN.lastIndex) {
      const found = TOKEN.exec(text)
      if (!found) throw new Problem(`“${text.slice(end).trim()[0]}” is no sign that the tape knows.`)
      const [, digits, name, sign] = found
      this.tokens.push(digits ? { value: Number(digits) } : name ? { name } : { sign: SAME[sign] ?? sign })
    }
    this.names = [...new Set(this.tokens.filter((it) => it.name && !FUNCTIONS.includes(it.name)).map((it) => it.name))]
    this.steps = []
  }

  all() {
    if (!this.tokens.length) throw new Problem("Type an expression.")
    this.sum()
    if (this.tokens.length) throw new Problem(`No “${shown(this.tokens[0])}” is expected there.`)
    if (!this.steps.length) throw new Problem("Nothing is recorded yet: it takes a letter and an operation.")
    return { names: this.names, steps: this.steps }
  }

  takes(...signs) {
    return signs.includes(this.tokens[0]?.sign) && this.tokens.shift().sign
  }

  sum() {
    let left = this.product()
    for (let sign; (sign = this.takes("+", "−")); ) left = this.step(sign, left, this.product())
    return left
  }

  product() {
    let left = this.signed()
    for (let sign; (sign = this.takes("×", "/")); ) left = this.step(sign, left, this.signed())
    return left
  }

  signed() {
    if (this.takes("+")) return this.signed()
    return this.takes("−") ? this.step("neg", this.signed()) : this.power()
  }

  power() {
    const base = this.single()
    if (!this.takes("**")) return base
    const exponent = this.signed()
    if (exponent.at !== undefined) throw new Problem("An exponent has to be a number.")
    return this.step("**", base, exponent)
  }

  single() {
    const token = this.tokens.shift()
    if (token?.value !== undefined) return token
    if (FUNCTIONS.includes(token?.name)) {
      if (!this.takes("(")) throw new Problem(`After “${token.name}”, “(” is expected.`)
      return this.step(token.name, this.inBrackets())
    }
    if (token?.name) return { at: this.names.indexOf(token.name) }
    if (token?.sign === "(") return this.inBrackets()
    throw new Problem(token ? `A value is expected in the place of “${shown(token)}”.` : "A value is still missing at the end.")
  }

  inBrackets() {
    const inside = this.sum()
    if (!this.takes(")")) throw new Problem("A “)” is still missing.")
    return inside
  }

  /** Put an operation on the tape; constants among themselves are computed at once and leave nothing there. */
  step(sign, ...from) {
    if (from.every((it) => it.at === undefined)) return { value: OPERATIONS[sign].forward(...from.map((it) => it.value)) }
    this.steps.push({ sign, from })
    return { at: this.names.length + this.steps.length - 1 }
  }
}

const shown = ({ value, name, sign }) => value ?? name ?? sign

/** The values on the tape, for values of the variables in their order. */
export function forward({ steps }, inputs) {
  const values = [...inputs]
  for (const { sign, from } of steps) values.push(OPERATIONS[sign].forward(...operands(from, values)))
  return values
}

const operands = (from, values) => from.map((it) => (it.at === undefined ? it.value : values[it.at]))

/**
 * The way back from the last step, the last first: of each step that a slope reaches, its place `at`, the slope `dout`
 * that it has, and what its operands get, `gives`: pairs of place and amount. `slopes` are all slopes after it.
 */
export function backward({ names, steps }, values) {
  const slopes = values.map(() => undefined)
  slopes[values.length - 1] = 1
  const back = []
  for (let at = values.length - 1; at >= names.length; at--) {
    if (slopes[at] === undefined) continue
    const { sign, from } = steps[at - names.length]
    const amounts = OPERATIONS[sign].back(slopes[at], operands(from, values), values[at])
    const gives = from.flatMap((it, i) => (it.at === undefined ? [] : [[it.at, amounts[i]]]))
    for (const [place, amount] of gives) slopes[place] = slopes[place] === undefined ? amount : slopes[place] + amount
    back.push({ at, dout: slopes[at], gives, slopes: [...slopes] })
  }
  return back
}

/** All slopes at the end: what `grad` is. */
export function gradients(tape, values) {
  return backward(tape, values).at(-1).slopes
}
