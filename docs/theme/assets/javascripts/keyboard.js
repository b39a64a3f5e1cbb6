// What the theme gives to the mouse alone, for the keyboard, and for those who hear a page.
{
  const all = selector => document.querySelectorAll(selector)
  const { translations } = JSON.parse(document.getElementById("__config").textContent)

  // Labels open and close the menu and the search, so that both work without scripts. With them they are buttons.
  const nameOf = { __drawer: ".book-nav", __search: ".md-search__input" }
  for (const label of all("label.md-icon:is([for=__drawer], [for=__search])")) {
    const box = document.getElementById(label.htmlFor)
    const button = document.createElement("button")
    for (const { name, value } of label.attributes) button.setAttribute(name, value) // stylesheets know it by them
    button.type = "button"
    button.ariaLabel = document.querySelector(nameOf[label.htmlFor]).ariaLabel
    if (label.closest(".md-search")) button.tabIndex = -1 // Escape does that, and Tab
    button.append(...label.childNodes)
    button.onclick = () => {
      box.click()
      if (box.checked && box.id === "__search") document.querySelector(".md-search__input").focus()
    }
    const tell = () => button.ariaExpanded = box.checked
    box.addEventListener("change", tell)
    tell()
    label.replaceWith(button)
  }

  // The open menu lies above the page: the keyboard stays in it, and returns to where it came from.
  const drawer = document.getElementById("__drawer")
  const below = all(".md-skip, .md-header, .md-content, .md-sidebar--secondary, .md-top, .md-footer")
  const close = () => drawer.checked && drawer.click()
  let before
  drawer.addEventListener("change", () => {
    if (drawer.checked) before = document.activeElement
    for (const it of below) it.inert = drawer.checked
    if (drawer.checked) (document.querySelector(".book-nav [aria-current]") ?? document.querySelector(".book-nav button")).focus()
    else if (document.activeElement === document.body || document.activeElement.closest(".book-nav")) before?.focus()
  })
  document.querySelector(".book-nav").addEventListener("click", ({ target }) => target.closest("[href^='#']") && close())
  matchMedia("(min-width: 76.25em)").addEventListener("change", close) // there it stands beside the page

  // Search opens by a key from anywhere, and leaves readers where it found them.
  const query = document.querySelector(".md-search__input")
  const wide = matchMedia("(min-width: 60em)") // where the field can be seen before somebody searches
  const stop = () => query.tabIndex = wide.matches ? 0 : -1
  wide.addEventListener("change", stop)
  stop()
  let reading
  addEventListener("focusout", ({ target, relatedTarget }) => {
    if (relatedTarget === query && !target.closest(".md-search")) reading = target
  })

  addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return
    close()
    if (document.getElementById("__search").checked) setTimeout(() => reading?.focus({ preventScroll: true }))
  }, true) // before the theme closes the search

  // Copy buttons, all of them at once: the theme adds one when its code comes into view, and Tab has jumped over it.
  all("pre > code").forEach((code, number) => {
    const button = document.createElement("button")
    Object.assign(button, { type: "button", className: "md-code__button", title: translations["clipboard.copy"] })
    Object.assign(button.dataset, { mdType: "copy", clipboardTarget: `#__copy_${number}` })
    code.id = `__copy_${number}`
    const corner = Object.assign(document.createElement("div"), { className: "md-code__nav" })
    corner.append(button)
    code.before(corner)
  })
  document.querySelector(".md-dialog").role = "status" // says that it was copied

  // What scrolls sideways can be focused, for arrow keys to scroll it.
  const scrollers = "pre > code, .md-typeset__scrollwrap, .math.display"
  const reach = it => {
    const scrolls = it.scrollWidth > it.clientWidth
    if (scrolls !== it.hasAttribute("tabindex")) scrolls ? it.setAttribute("tabindex", 0) : it.removeAttribute("tabindex")
  }
  const sizes = new ResizeObserver(changes => changes.forEach(({ target }) => reach(target)))
  const content = document.querySelector(".md-content")
  content.addEventListener("contentvisibilityautostatechange", ({ target }) => target.matches(scrollers) && reach(target), true)
  // The theme takes the tabindex away where no pointer hovers.
  new MutationObserver(changes => {
    for (const { target } of changes) if (target.matches(scrollers)) reach(target)
  }).observe(content, { subtree: true, attributes: true, attributeFilter: ["tabindex"] })
  all(scrollers).forEach(it => sizes.observe(it))
}
