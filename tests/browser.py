"""A window of a real browser, as the browser tests look through it. Its fixtures are in conftest.py."""

WIDTHS = {1280: 900, 390: 844}


class Window:
    """A browser window that takes down whatever goes wrong in it."""

    def __init__(self, browser, origin, scheme="light", width=1280, **options):
        self.origin = origin
        self.troubles = []
        self.context = browser.new_context(
            color_scheme=scheme, viewport={"width": width, "height": WIDTHS[width]}, **options
        )
        self.context.set_default_timeout(15_000)
        self.page = self.context.new_page()
        self.page.on("console", self.console)
        self.page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        self.page.on("requestfailed", lambda it: self.troubles.append(f"failed: {it.url} {it.failure}"))
        self.page.on("request", self.request)
        self.page.on("response", self.response)

    def console(self, message):
        if message.type in ("error", "warning"):
            self.troubles.append(f"console {message.type}: {message.text}")

    def request(self, request):
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.troubles.append(f"foreign: {request.url}")

    def response(self, response):
        if response.status >= 400:
            self.troubles.append(f"{response.status}: {response.url}")

    def open(self, name):
        """Open a page, unfold it, and wait until pictures, fonts and scripts have had their say."""
        self.troubles.clear()
        self.page.goto(f"{self.origin}/{name}")
        self.page.evaluate(SETTLE)


SETTLE = """async () => {
    for (const picture of document.images) picture.loading = "eager"
    for (const folded of document.querySelectorAll("details")) folded.open = true
    const near = new CSSStyleSheet() // what is far below the first screen counts, too
    near.replaceSync("* { content-visibility: visible !important }")
    document.adoptedStyleSheets.push(near) // no content security policy forbids that
    await Promise.allSettled([...document.images].map(picture => picture.decode()))
    await document.fonts.ready
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))
}"""
