"""An interactive figure as a person has it before them."""

import re

import pytest

from tests.built import html, pages

NUMBER = re.compile(r"(−?\d+(?:\.\d+)?)(?: × 10([⁻⁰¹²³⁴-⁹]+))?")
LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")


def numbers(words):
    """The numbers in a sentence, as docs/interactive/lib/words.js writes them."""
    found = [it.translate(LOWERED) if it else "0" for pair in NUMBER.findall(words) for it in pair]
    return [float(f"{mantissa}e{power}") for mantissa, power in zip(found[::2], found[1::2], strict=True)]


def middle(locator):
    """The place in the window where something has its middle."""
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


class Before:
    """An interactive figure in a window: its controls by their labels, its words, its plots."""

    def __init__(self, window, name):
        self.window = window
        self.page = window.page
        self.still = self.page.locator(f'img[data-interactive="{name}"]').first
        self.root = self.page.locator(f'figure:has(img[data-interactive="{name}"]) .interactive').first

    def come_near(self):
        self.still.evaluate("it => it.closest('figure').scrollIntoView({ block: 'center' })")
        self.root.wait_for()
        self.root.evaluate("it => it.scrollIntoView({ block: 'center' })")
        return self

    @property
    def words(self):
        """What stands below it."""
        return self.root.locator(".interactive__words").inner_text()

    @property
    def heard(self):
        """What a screen reader was told last."""
        return self.root.locator(".interactive__heard").text_content()

    def control(self, label):
        return self.root.get_by_label(label, exact=True)

    def slide(self, label, value):
        """Set a slider as a person who types it would: by its value, with the events of a keyboard."""
        self.control(label).fill(str(value))

    def choose(self, label):
        """Choose a radio button or tick a box by its words."""
        self.control(label).check()

    def press(self, name):
        self.root.get_by_role("button", name=name, exact=True).click()

    def plot(self, label):
        """A plot by the beginning of its label."""
        return self.root.locator(f'svg[aria-label^="{label}"], canvas[aria-label^="{label}"]')

    def wait_until(self, script, part="words"):
        """Wait until a function of JavaScript is true of what is said below the figure, or aloud."""
        self.page.wait_for_function(script, arg=self.root.locator(f".interactive__{part}").element_handle())

    def drag(self, plot, start, end):
        """Drag with the mouse, from and to places in parts of a plot's width and height."""
        box = plot.bounding_box()
        (x1, y1), (x2, y2) = (
            (box["x"] + right * box["width"], box["y"] + down * box["height"]) for right, down in (start, end)
        )
        self.page.mouse.move(x1, y1)
        self.page.mouse.down()
        self.page.mouse.move((x1 + x2) / 2, (y1 + y2) / 2)
        self.page.mouse.move(x2, y2)
        self.page.mouse.up()


@pytest.fixture
def figure(fresh):
    """Give a figure by name, its page newly opened and scrolled to it: `figure("step_size", width=390)`."""
    opened = []

    def get(name, kind="http", **options):
        view = fresh(kind, **options)
        opened.append(view)
        page = next(page for page in pages() if f'data-interactive="{name}"' in html(page))
        view.page.goto(f"{view.origin}/{page}")
        return Before(view, name).come_near()

    yield get
    for view in opened:
        assert not view.troubles
