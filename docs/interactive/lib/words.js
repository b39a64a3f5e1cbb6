// Numbers as people write them.

const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" }

function raised(exponent) {
  return [...String(exponent)].map((digit) => RAISED[digit]).join("")
}

/** A power of ten: 10⁻⁵. */
export function power(value) {
  return `10${raised(Math.round(Math.log10(value)))}`
}

/**
 * A number with so many significant digits (and all of those before the point), a true minus, and powers of ten where
 * zeros would have to be counted.
 */
export function number(value, digits = 3) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "not a number" : value > 0 ? "∞" : "−∞"
  if (value === 0) return "0"
  const size = Math.abs(value)
  const sign = value < 0 ? "−" : ""
  if (size >= 1e-3 && size < 1e6) return sign + (size < 10 ** digits ? +size.toPrecision(digits) : Math.round(size))
  const [mantissa, exponent] = size.toExponential(digits - 1).split("e")
  return `${sign}${+mantissa} × 10${raised(+exponent)}`
}
