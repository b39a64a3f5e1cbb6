// Data that are too large for a figure's own script come in one of their own, NAME_data.js beside it: a script element,
// because from a folder browsers refuse to fetch.

const provided = (globalThis.dlbookData ??= {})
const here = globalThis.document?.currentScript?.src.replace(/[^/]*$/, "")

/** What a data script says. */
export function provide(name, values) {
  provided[name] = values
}

/** A promise of what NAME_data.js provides. */
export function data(name) {
  return new Promise((resolve, reject) => {
    const src = `${here}${name}_data.js`
    const script = Object.assign(document.createElement("script"), { src })
    script.onload = () => (name in provided ? resolve(provided[name]) : reject(new Error(`${src} provides no ${name}`)))
    script.onerror = () => reject(new Error(`${src} cannot be loaded`))
    document.head.append(script)
  })
}
