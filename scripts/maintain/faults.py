"""Would the checks notice? Put faults into copies of the project, one at a time, and see what says so.

python -m scripts.maintain.faults               all of them
python -m scripts.maintain.faults NAME…         some of them
python -m scripts.maintain.faults --list        what there is to choose from

Each fault meets the checks that are to catch it, in the order in which `make test` runs them. The whole
fails if no check stops at a fault, or if what it says does not name the file. First all those checks run
without any fault: what fails then would prove nothing.

A wrong digit in what an experiment computes is not among them: no check knows better yet.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import track

from scripts.build import ONE_THREAD, nearest

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 2
SECONDS = 300  # for one check
ENVIRONMENT = {**ONE_THREAD, "PYTHONDONTWRITEBYTECODE": "1"}
LINKED = {".venv", "node_modules", "build/reader", ".mypy_cache"}  # no fault is put there
LEFT_OUT = {".git", ".hypothesis", ".pytest_cache", ".ruff_cache", "__pycache__"}
BUILT = {"stamps", "chromium"}  # of build/; the rest belongs to other targets, and may be gigabytes

# Faults: what becomes of a file

Edit = Callable[[bytes], bytes | None]  # None: there is no file any more


def swap(old: str, new: str, times: int = 1) -> Edit:
    """Write something else in the place of a text that occurs so many times."""
    return swap_all(re.escape(old), new, times)


def swap_all(pattern: str, new: str, times: int = 1) -> Edit:
    """The same for whatever a pattern matches."""

    def edit(content: bytes) -> bytes:
        text, found = re.subn(pattern, lambda _: new, content.decode(), flags=re.DOTALL)
        if found != times:
            raise ValueError(f"{pattern!r} occurs {found} times, not {times}")
        return text.encode()

    return edit


def add(text: str) -> Edit:
    return lambda content: content + text.encode()


def cut(size: int) -> Edit:
    return lambda content: content[:size]


def flip(at: int) -> Edit:
    """Turn over one bit of the byte at a place."""
    return lambda content: content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def remove(content: bytes) -> None:
    return None


# Checks: what is to stop at a fault


@dataclass(frozen=True)
class Check:
    command: tuple[str, ...]  # what Python runs
    arguments: tuple[str, ...]

    def __str__(self) -> str:
        return " ".join((*self.command[:2], *self.arguments)).replace("-m ", "").replace("pytest tests/", "")


@dataclass(frozen=True)
class Fault:
    name: str
    file: str
    edit: Edit
    checks: tuple[Check, ...]
    names: str = (
        ""  # the file that the message has to name where it is another one: that which shows the fault
    )

    def changed(self, content: bytes) -> bytes | None:
        """What becomes of the file's content."""
        try:
            after = self.edit(content)
        except ValueError as error:
            raise ValueError(f"fault {self.name}: in {self.file}, {error}") from None
        if after == content:
            raise ValueError(f"fault {self.name} changes nothing in {self.file}")
        return after

    def put(self, project: Path) -> None:
        """Put the fault into a copy of the project."""
        path = project / self.file
        after = self.changed(path.read_bytes())
        path.unlink()
        if after is not None:
            path.write_bytes(after)


@dataclass(frozen=True)
class Outcome:
    fault: Fault
    by: Check | None  # None: no check stopped
    line: str = ""  # of the check's message; "" where no line names the file

    @property
    def good(self) -> bool:
        return self.by is not None and bool(self.line)


def build(what: str) -> Check:
    return Check(("scripts/build.py",), (f"--only={what}",))


def tests(*ids: str) -> Check:
    options = ("-q", "--no-header", "--tb=short", "-p", "no:cacheprovider")
    return Check(("-m", "pytest", *options), tuple(f"tests/{it}" for it in ids))


LINT = Check(("-m", "ruff", "check", "--no-cache", "--output-format=concise"), (".",))
FORMAT = Check(("-m", "ruff", "format", "--no-cache", "--check"), (".",))
TYPES = Check(("-m", "mypy"), ())
SITE = build("site")
FIGURES = build("figures")
FRESH = tests("test_site.py::test_the_site_is_made_of_what_is_there")
CHAPTER, SETUP, HOME = "03-loss-functions", "setup", "index"


def page(test: str, name: str = CHAPTER) -> tuple[Check, Check]:
    """The build, and then a test of a built page."""
    return SITE, tests(f"{test}[{name}.html]")


def taken(test: str, of: str = f"[{CHAPTER}]") -> tuple[Check, Check]:
    """The build, and then a test of what can be taken along: of a chapter, or of no page alone."""
    return SITE, tests(f"test_downloads.py::{test}{of}")


def site(test: str) -> tuple[Check, Check]:
    """The build, and then a test of the built site."""
    return SITE, tests(f"test_site.py::{test}")


def browser(name: str, look: str = "light-1280") -> tuple[Check, Check]:
    """The build, and then the browser on a page."""
    return SITE, tests(f"test_browser.py::test_a_page_opens[{name}.html-{look}]")


def formulas(place: str, name: str = CHAPTER) -> tuple[Check, Check]:
    """The build, and then the comparison of a formula with the code."""
    return SITE, tests(f"test_formulas.py::test_a_formula_is_true[{name}.html#{place}]")


def typed(name: str) -> tuple[Check, ...]:
    return (tests(f"test_prose_numbers.py::test_no_number_that_looks_measured_is_typed[{name}]"),)


TYPED = typed(CHAPTER)
RUNS = page("test_pages.py::test_blocks_print_what_the_page_shows")
CHECKER = tests("test_html.py::test_the_checker_has_nothing_to_say")
ACCESSIBLE = (SITE, tests(f"test_accessible.py::test_a_page_is_accessible[{CHAPTER}.html-1280]"))
TAB = (
    SITE,
    tests(f"test_keyboard.py::test_tab_reaches_everything_and_shows_where_it_is[{CHAPTER}.html-1280]"),
)
INTERACTIVE = build("interactive")
FETCHES = "test_site.py::test_a_page_fetches_only_what_the_site_has"

# The table

PAGE = f"docs/en/{CHAPTER}.md"
SETTING_UP = f"docs/en/{SETUP}.md"
TAKING = "scripts/site/downloads.py"
INTRO = "# Loss functions\n"
LAST = "## What to remember\n"
DATA = "dlbook/data/mnist.npz"
LOADS = (
    tests("test_datasets.py::test_by_default_images_are_flat_float32_from_0_to_1_and_targets_are_labels"),
)
CSS = "docs/theme/assets/stylesheets"
KEYBOARD = "docs/theme/assets/javascripts/keyboard.js"
SVG = "docs/en/assets/figures/mini_batch.svg"
RESULT = "results/drawing_samples.json"


def after_title(text: str) -> Edit:
    """Put a paragraph of its own below the chapter's title."""
    return swap(INTRO, f"{INTRO}\n{text}\n")


def package(name: str, module: str, old: str, new: str, test: str, times: int = 1) -> Fault:
    """A fault in the package, which one test file is to catch."""
    return Fault(name, f"dlbook/{module}.py", swap(old, new, times), (tests(f"test_{module}.py::{test}"),))


def machinery(name: str, module: str, old: str, new: str, test: str) -> Fault:
    """A fault in what makes or checks the book."""
    return Fault(name, f"scripts/{module}.py", swap(old, new), (tests(test),))


def script(name: str, module: str, old: str, new: str, test: str) -> Fault:
    """A fault in the script of an interactive figure, or in its mathematics."""
    checks = (INTERACTIVE, SITE, tests(f"interactive/{test}"))
    return Fault(name, f"docs/interactive/{module}.js", swap(old, new), checks)


FAULTS = [
    # What the pages' code prints
    Fault("output-digit", PAGE, swap("0.0975 0.510825457", "0.0976 0.510825457"), RUNS),
    Fault(
        "output-last-digit", PAGE, swap("\n0.5975 2.302584092994546\n", "\n0.5975 2.302584092994566\n"), RUNS
    ),
    Fault(
        "output-removed",
        PAGE,
        swap(
            '```text title="Output"\n'
            "0.5108256237659907 0.5108256237659907\n2.3025850929940455 2.3025850929940455\n```\n",
            "",
        ),
        RUNS,
    ),
    Fault("output-line-removed", PAGE, swap("\n0.5975 2.302584092994546\n", "\n"), RUNS),
    Fault(
        "output-of-the-home-page",
        f"docs/en/{HOME}.md",
        swap("after 3 epochs: 94%", "after 3 epochs: 95%"),
        page("test_pages.py::test_blocks_print_what_the_page_shows", HOME),
    ),
    Fault(
        "block-raises", PAGE, swap("E = 0.5 * np.sum((y1 - t) ** 2)", "E = 0.5 * np.sum((y3 - t) ** 2)"), RUNS
    ),
    Fault(
        "block-imports-matplotlib",
        PAGE,
        swap(
            "```python\nimport numpy as np\n\nfrom dlbook.losses",
            "```python\nimport matplotlib\nimport numpy as np\n\nfrom dlbook.losses",
        ),
        page("test_pages.py::test_blocks_need_nothing_but_what_the_reader_installed"),
    ),
    Fault(
        "code-marked-as-text",
        PAGE,
        swap("```python\nE = 0.5", "```text\nE = 0.5"),
        page("test_pages.py::test_code_that_is_not_python_says_what_it_is"),
    ),
    Fault(
        "language-misspelt",
        PAGE,
        swap("```python\nE = 0.5", "```pyhton\nE = 0.5"),
        page("test_pages.py::test_code_that_is_not_python_says_what_it_is"),
    ),
    Fault(
        "not-run-without-reason",
        PAGE,
        swap("```python\nE = 0.5", '```python title="Not run"\nE = 0.5'),
        page("test_pages.py::test_a_block_that_does_not_run_gives_its_reason"),
    ),
    # What can be taken along
    Fault(
        "notebook-fails",  # where the page's own code runs: a notebook's loop is running already
        PAGE,
        swap("```python\nE = 0.5", "```python\nimport asyncio\n\nasyncio.run(asyncio.sleep(0))\nE = 0.5"),
        taken("test_a_notebook_runs_and_prints_what_it_shows"),
    ),
    Fault(
        "notebook-without-half-a-block",
        TAKING,
        swap("[piece.text], Code))", "[piece.text[:99]], Code))"),
        taken("test_a_notebook_runs_and_prints_what_it_shows"),
    ),
    Fault(
        "notebook-with-another-output",
        TAKING,
        swap("printing.output = piece.text", "printing.output = piece.text.replace('2', '3')"),
        taken("test_a_notebook_shows_what_the_page_shows"),
    ),
    Fault(
        "notebook-without-formulas",
        TAKING,
        swap("return f\"${' '.join(tex(it).split())}$\"", 'return ""'),
        taken("test_a_notebook_says_what_the_page_says"),
    ),
    Fault(
        "script-without-solutions",
        TAKING,
        swap(
            "lines.append(piece.text if runs else", "lines.append(piece.text if runs and not piece.box else"
        ),
        taken("test_a_script_prints_what_the_page_shows"),
    ),
    Fault(
        "archive-incomplete",
        TAKING,
        swap('sorted(path for path in site.rglob("*") if path.is_file())', 'sorted(site.rglob("*.*ml"))'),
        taken("test_the_archive_is_the_site", of=""),
    ),
    Fault(
        "archive-with-times",
        TAKING,
        swap('zipfile.ZipInfo(f"{FOLDER}/{name}")', 'zipfile.ZipInfo.from_file(path, f"{FOLDER}/{name}")'),
        taken("test_the_same_pages_give_the_same_bytes", of=""),
    ),
    # What the build takes by name
    Fault(
        "unknown-code", PAGE, swap("{{ dlbook.losses.as_one_hot }}", "{{ dlbook.losses.one_hot }}"), (SITE,)
    ),
    Fault(
        "unknown-number",
        PAGE,
        swap("{{ loss_of_a_network.test_accuracy:", "{{ loss_of_a_network.accuracy:"),
        (SITE,),
    ),
    Fault(
        "unknown-result",
        PAGE,
        swap("{{ loss_of_a_network.test_accuracy:", "{{ loss_of_network.test_accuracy:"),
        (SITE,),
    ),
    Fault(
        "unknown-figure", PAGE, swap("assets/figures/mini_batch.svg", "assets/figures/minibatch.svg"), (SITE,)
    ),
    Fault(
        "format-missing",
        PAGE,
        swap("{{ loss_of_a_network.test_accuracy:.1%}}", "{{ loss_of_a_network.test_accuracy }}"),
        (SITE,),
    ),
    Fault(
        "number-not-closed",
        PAGE,
        swap("{{ loss_of_a_network.test_accuracy:.1%}}", "{{ loss_of_a_network.test_accuracy:.1%}"),
        (SITE,),
    ),
    Fault("function-renamed", "dlbook/losses.py", swap("def as_one_hot(", "def to_one_hot("), (SITE,)),
    # Numbers in prose
    Fault(
        "measured-number-typed",
        PAGE,
        after_title("The network reads 93.1% of them."),
        TYPED,
    ),
    Fault(
        "measured-time-typed",
        PAGE,
        after_title("One epoch takes 2 seconds."),
        TYPED,
    ),
    Fault(
        "measured-number-in-alt-text",
        "docs/en/12-generalization.md",
        swap("near {{ more_data.sizes[2].test_accuracy:.2f }}, to the right", "near 0.89, to the right"),
        typed("12-generalization"),
    ),
    Fault(
        "measured-number-in-description",
        "docs/en/speed.md",
        swap("From a day and a half to seconds", "From 38 hours to seconds"),
        typed("speed"),
    ),
    Fault(
        "number-beside-its-output-wrong",
        "docs/en/05-gradients.md",
        swap("goes from .209 to .942", "goes from .209 to .952"),
        typed("05-gradients"),
    ),
    Fault(
        "calculation-wrong",
        PAGE,
        swap(".16 + .035 = .195", ".16 + .035 = .205"),
        (tests(f"test_prose_numbers.py::test_calculations_in_the_text_are_right[{CHAPTER}]"),),
    ),
    Fault(
        "calculation-in-a-formula-wrong",
        "docs/en/02-neural-networks.md",
        swap("${e^2 = 7.389}$", "${e^2 = 7.398}$"),
        (
            tests(
                "test_prose_numbers.py::test_calculations_in_formulas_of_the_text_are_right[02-neural-networks]"
            ),
        ),
    ),
    Fault(
        "passage-listed-for-nothing",
        SETTING_UP,
        swap("(11 MB, in", "(as a file, in"),
        (tests("test_prose_numbers.py::test_a_listed_passage_is_there_and_needed"),),
    ),
    machinery(
        "typed-percentages-overlooked",
        "prose_numbers",
        'bool(self.unit) or "." in self.text',
        '"." in self.text',
        "test_prose_numbers.py::test_a_number_that_looks_measured_is_found",
    ),
    # The gallery of bugs
    Fault("unknown-bug", "docs/en/bugs.md", swap("md:bug-integer-array", "md:bug-integers-array"), (SITE,)),
    Fault(
        "bug-without-its-end",
        "docs/en/05-gradients.md",
        swap("<!-- --8<-- [end:bug-integer-array] -->\n", ""),
        (SITE, tests("test_bugs.py::test_each_bug_stands_in_one_chapter_and_in_the_gallery")),
        names="docs/en/bugs.md",
    ),
    Fault(
        "bug-that-is-none",
        "docs/en/05-gradients.md",
        swap("unchecked_gradient(f, np.array([1, 2]))", "unchecked_gradient(f, np.array([1.0, 2]))"),
        page("test_pages.py::test_blocks_print_what_the_page_shows", "05-gradients"),
    ),
    Fault(
        "mend-that-is-none",
        PAGE,
        swap("return -np.sum(t * np.log(y + 1e-7))", "return -np.sum(t * np.log(y + 2e-7))"),
        (SITE, tests("test_bugs.py::test_bug_delta_outside_the_log")),
        names="docs/en/bugs.md",
    ),
    # Formulas
    Fault(
        "formula-does-not-parse",
        PAGE,
        swap(r"E = \frac{1}{2} \sum_k", r"E = \frac{1{2} \sum_k"),
        (SITE,),
    ),
    Fault("formula-sign", PAGE, swap(r"E = -\sum_k t_k", r"E = \sum_k t_k"), formulas("cross-entropy-1")),
    Fault(
        "formula-index",
        "docs/en/08-backpropagation.md",
        swap(r"\frac{\partial L}{\partial o_{nj}} w_{ij} .", r"\frac{\partial L}{\partial o_{nj}} w_{ji} ."),
        formulas("affine-2", "08-backpropagation"),
    ),
    Fault(
        "formula-exponent",
        "docs/en/09-optimizers.md",
        swap(r"m}{1 - \beta_1^n}", r"m}{1 - \beta_1}"),
        formulas("adam-both-and-a-correction-1", "09-optimizers"),
    ),
    Fault(
        "formula-factor",
        "docs/en/11-batch-normalization.md",
        swap(r" \, \tfrac{N}{N - 1}", ""),
        formulas("moving-averages-1", "11-batch-normalization"),
    ),
    Fault(
        "formula-compared-with-nothing",
        PAGE,
        after_title(r"$$ E = \frac{1}{2} \sum_k (t_k - y_k)^2 $$"),
        (SITE, tests("test_formulas.py::test_every_formula_on_display_is_known")),
    ),
    Fault("formula-in-heading", PAGE, swap("### Squared error\n", "### Squared error $E$\n"), (SITE,)),
    Fault("formula-not-closed", PAGE, swap("$E$ stands for error", "$E stands for error"), (SITE,)),
    # Links, pictures and the parts of a page
    Fault(
        "link-to-no-page",
        PAGE,
        swap("[slope](04-numerical-differentiation.md)", "[slope](04-numeric-differentiation.md)"),
        (SITE,),
    ),
    Fault(
        "link-to-no-anchor",
        PAGE,
        swap(
            "[softmax](02-neural-networks.md#from-scores-to-probabilities) makes",
            "[softmax](02-neural-networks.md#from-scores) makes",
        ),
        (SITE,),
    ),
    Fault(
        "link-to-no-source",
        "docs/en/colophon.md",
        swap("/tree/main/scripts/extensions)", "/tree/main/scripts/extension)"),
        page("test_site.py::test_links_into_the_repository_lead_to_files", "colophon"),
    ),
    Fault(
        "image-missing",
        PAGE,
        after_title("![A picture that nobody has ever drawn.](assets/nothing.png)"),
        (SITE,),
    ),
    Fault(
        "alt-text-removed",
        PAGE,
        swap_all(r"!\[[^]]*\]\(assets/figures/mini_batch.svg", "![](assets/figures/mini_batch.svg"),
        (SITE,),
    ),
    Fault(
        "caption-removed",
        "docs/en/speed.md",
        swap_all(r"/// figure-caption\nSeconds for one gradient, in .*?\n///\n", ""),
        page("test_site.py::test_figures_have_captions", "speed"),
    ),
    Fault(
        "id-twice", PAGE, after_title('<span id="by-hand"></span>'), page("test_site.py::test_ids_are_unique")
    ),
    Fault(
        "second-main-heading",
        PAGE,
        swap(LAST, f"# Another title\n\n{LAST}"),
        page("test_site.py::test_a_page_has_one_main_heading"),
    ),
    Fault(
        "heading-level-skipped",
        PAGE,
        swap("### Squared error\n", "#### Squared error\n"),
        page("test_site.py::test_headings_do_not_skip_a_level"),
    ),
    Fault(
        "section-removed",
        PAGE,
        swap("## Spot the bug\n", "## Something else\n"),
        site(f"test_a_chapter_follows_the_template[{CHAPTER}]"),
    ),
    Fault(
        "solution-removed",
        PAGE,
        swap(
            """??? question "Solution"

    The guard comes too late""",
            """??? question "Remark"

    The guard comes too late""",
        ),
        site(f"test_exercises_have_a_hint_and_a_folded_solution[{CHAPTER}]"),
    ),
    Fault(
        "markup-left-over",
        PAGE,
        after_title("A word in **bold that never ends."),
        page("test_site.py::test_nothing_is_left_of_the_markup"),
    ),
    Fault(
        "description-removed",
        SETTING_UP,
        swap("description: ", "about: "),
        page("test_site.py::test_the_head_of_a_page", SETUP),
    ),
    Fault(
        "page-not-in-the-contents",
        "mkdocs.yml",
        swap("      - Notation: notation.md\n", ""),
        (SITE,),
        names="docs/en/notation.md",
    ),
    Fault("page-removed", "docs/en/notation.md", remove, (SITE,)),
    Fault(
        "api-member-removed",
        "docs/en/api/activations.md",
        swap(
            "sigmoid_grad, relu, relu_grad, softmax, log_softmax]",
            "sigmoid_grad, relu, softmax, log_softmax]",
        ),
        site("test_the_api_shows_what_the_pages_import"),
    ),
    Fault(
        "api-page-without-chapter",
        "docs/en/api/training.md",
        swap("[Chapter 7](../07-stochastic-gradient-descent.md)", "Chapter 7"),
        page("test_site.py::test_an_api_page_leads_to_a_chapter", "api/training"),
    ),
    Fault(
        "link-in-the-readme",
        "README.md",
        swap("](docs/readme.png)", "](docs/home.png)"),
        site("test_links_of_a_readme_lead_to_files[README.md]"),
    ),
    Fault(
        "page-kept-from-search",
        SETTING_UP,
        swap("---\ndescription: ", "---\nsearch: {exclude: true}\ndescription: "),
        site("test_search_knows_every_page"),
    ),
    Fault(
        "offline-search-removed",
        "mkdocs.base.yml",
        swap("  offline: {} ", "  #offline: {} "),
        site("test_search_works_without_a_server"),
    ),
    Fault(
        "edit-links-removed",
        "mkdocs.base.yml",
        swap("    - content.action.edit\n", ""),
        page("test_site.py::test_a_page_leads_to_its_source_and_its_neighbours"),
    ),
    Fault(
        "next-links-removed",
        "mkdocs.base.yml",
        swap("    - navigation.footer\n", ""),
        page("test_site.py::test_a_page_leads_to_its_source_and_its_neighbours"),
    ),
    Fault(
        "copy-buttons-removed",
        KEYBOARD,
        swap('all("pre > code").forEach', 'all("pre > samp").forEach'),
        page("test_copy.py::test_what_is_copied_runs_and_prints_what_the_page_shows", SETUP),
    ),
    Fault(
        "another-text-copied",
        f"docs/en/{HOME}.md",
        swap('<div class="hero-code"', '<div class="hero-code" data-copy="E = 0"'),
        page("test_copy.py::test_what_is_copied_runs_and_prints_what_the_page_shows", HOME),
    ),
    Fault(
        "copy-button-of-another-block",
        KEYBOARD,
        swap("clipboardTarget: `#__copy_${number}`", "clipboardTarget: `#__copy_0`"),
        page("test_copy.py::test_what_is_copied_runs_and_prints_what_the_page_shows", SETUP),
    ),
    # What the theme owes to those who do not see well, or use no mouse
    Fault("low-contrast", f"{CSS}/palette.css", swap("#626774", "#8b909d"), ACCESSIBLE),
    Fault("low-contrast-in-the-dark", f"{CSS}/palette.css", swap("#979dab", "#5f6573"), ACCESSIBLE),
    Fault(
        "image-without-words",
        "docs/theme/partials/copyright.html",
        swap(
            '<div class="md-copyright">',
            """<div class="md-copyright"><img src="{{ 'assets/figures/logo.svg' | url }}">""",
        ),
        ACCESSIBLE,
    ),
    Fault(
        "link-out-of-reach",
        "docs/theme/partials/source.html",
        swap('class="book-source"', 'class="book-source" tabindex="-1"'),
        TAB,
    ),
    Fault(
        "focus-without-a-ring",
        f"{CSS}/book.css",
        swap("outline: .12rem solid var(--accent)", "outline: none"),
        TAB,
    ),
    Fault(
        "focus-behind-the-header",
        f"{CSS}/book.css",
        swap("scroll-padding-top: 3rem", "scroll-padding-top: 0"),
        TAB,
    ),
    Fault(
        "menu-out-of-reach",
        KEYBOARD,
        swap("label.md-icon:is([for=__drawer], [for=__search])", "label.md-icon[for=__search]"),
        (SITE, tests("test_keyboard.py::test_keys_open_the_menu_and_come_back[Escape]")),
    ),
    Fault(
        "links-not-validated",
        "mkdocs.base.yml",
        swap("anchors: warn", "anchors: info"),
        (tests("test_site.py::test_faulty_pages_do_not_build"),),
    ),
    Fault(
        "provenance-removed",
        "docs/en/09-optimizers.md",
        swap("\n{{ optimizer_comparison:provenance }}\n", ""),
        (SITE,),
    ),
    Fault(
        "provenance-under-another-heading",
        "docs/en/02-neural-networks.md",
        swap_all(r"\{\{ untrained_network:provenance \}\}\n(?=\n\*\*On average)", ""),
        (SITE,),
    ),
    Fault(
        "provenance-of-prose-removed",
        "docs/en/09-optimizers.md",
        swap("784-{{ optimizer_comparison.hidden }}-10", "784-{{ overfitting.samples }}-10"),
        page("test_site.py::test_a_page_says_where_its_numbers_come_from", "09-optimizers"),
    ),
    machinery(
        "figure-without-its-experiment",
        "extensions/figures",
        "rows += provenance.of_result(",
        "provenance.of_result(",
        "extensions/test_figures.py::test_a_figure_that_reads_results_says_where_each_comes_from",
    ),
    Fault(
        "result-without-a-seed",
        "results/learning_rates.json",
        swap(' "seed": 6,\n', ""),
        (SITE,),
        names="docs/en/06-gradient-descent.md",
    ),
    # Requests to others
    Fault(
        "foreign-image",
        SETTING_UP,
        add('\n<img src="https://example.org/a.png" alt="A picture of others">\n'),
        page(FETCHES, SETUP),
    ),
    Fault(
        "foreign-picture-set",
        SETTING_UP,
        add('\n<img src="assets/figures/logo.svg" srcset="https://example.org/a.png 2x" alt="A logo">\n'),
        page(FETCHES, SETUP),
    ),
    Fault(
        "foreign-video",
        SETTING_UP,
        add('\n<video src="https://example.org/a.webm"></video>\n'),
        page(FETCHES, SETUP),
    ),
    Fault(
        "element-without-a-place-in-a-notebook", PAGE, after_title('<video src="a.webm"></video>'), (SITE,)
    ),
    Fault(
        "foreign-script",
        "docs/theme/book.html",
        swap("{% block libs %}", '{% block libs %}\n<script src="https://example.org/a.js"></script>'),
        page(FETCHES, SETUP),
    ),
    Fault(
        "foreign-request-by-script",
        SETTING_UP,
        add('\n<script>fetch("https://example.org/a.json").catch(() => 0)</script>\n'),
        browser(SETUP),
    ),
    Fault(
        "foreign-picture-in-css",
        f"{CSS}/book.css",
        add('\n.md-header { background: url("https://example.org/a.png") }\n'),
        site("test_styles_fetch_only_what_the_site_has"),
    ),
    Fault(
        "foreign-font-in-css",
        f"{CSS}/code.css",
        add('\n@font-face { font-family: "A"; src: url(http://example.org/a.woff2) }\n'),
        site("test_styles_fetch_only_what_the_site_has"),
    ),
    Fault(
        "foreign-style-imported",
        f"{CSS}/home.css",
        add('\n@import "https://example.org/a.css";\n'),
        site("test_styles_fetch_only_what_the_site_has"),
    ),
    Fault(
        "foreign-font",
        "docs/theme/book.html",
        swap(
            "{% block fonts %}",
            '{% block fonts %}\n<link rel="stylesheet" href="https://fonts.googleapis.com/css?family=Roboto">',
        ),
        page(FETCHES, SETUP),
    ),
    # HTML, and what a page may do
    Fault(
        "element-that-html-does-not-know",
        "docs/theme/partials/copyright.html",
        swap('<div class="md-copyright">', '<div class="md-copyright">\n  <center></center>'),
        (SITE, CHECKER),
    ),
    Fault("element-in-the-wrong-place", PAGE, after_title("<ul><p>No item.</p></ul>"), (SITE, CHECKER)),
    Fault("unknown-property-in-css", f"{CSS}/book.css", add("\np { colour: red }\n"), (SITE, CHECKER)),
    Fault(
        "script-in-an-attribute",
        PAGE,
        after_title('<button onclick="alert()">Press</button>'),
        page("test_policy.py::test_nothing_on_a_page_needs_more_than_it_may"),
    ),
    Fault(
        "script-that-the-policy-does-not-know",
        f"site/{SETUP}.html",
        swap("</body>", "<script>0</script></body>"),
        (tests(f"test_policy.py::test_a_page_allows_its_own_and_nothing_else[{SETUP}.html]"),),
        names=SETTING_UP,
    ),
    machinery(
        "policy-that-lets-pages-fetch-anything",
        "policy",
        '"connect-src": "\'self\'"',
        '"connect-src": "*"',
        "test_policy.py::test_nothing_else_is_allowed",
    ),
    machinery(
        "hash-of-another-text",
        "policy",
        "hashlib.sha256(text.encode())",
        "hashlib.sha256(text.strip().encode())",
        "test_policy.py::test_what_stands_in_a_page_is_allowed_by_its_hash",
    ),
    Fault(
        "search-from-a-folder-removed",
        "docs/theme/partials/search-later.html",
        swap('location.protocol === "file:" ? IFrameWorker(url) : new Worker(url)', "new Worker(url)"),
        (SITE, tests("test_browser.py::test_search_finds_softmax[file]")),
        names="tests/test_browser.py",
    ),
    Fault(
        "table-that-the-theme-boxes",
        "mkdocs.base.yml",
        swap("  scripts.extensions.tables: {}\n", ""),
        page("extensions/test_tables.py::test_no_table_is_left_to_the_theme"),
    ),
    # In the browser
    Fault(
        "margin-that-waits",
        f"{CSS}/book.css",
        swap(":is(p, ul, ol, .math.display),", ":is(p, ul, ol, .highlight, .math.display),"),
        (SITE, tests(f"test_browser.py::test_what_waits_stands_where_it_would[{CHAPTER}-1280]")),
    ),
    Fault("error-in-the-console", SETTING_UP, add("\n<script>nobody.knows()</script>\n"), browser(SETUP)),
    Fault(
        "page-scrolls-sideways",
        f"{CSS}/book.css",
        add("\n.md-content h1 { width: 500px }\n"),
        browser(SETUP, "light-390"),
    ),
    Fault(
        "dark-page-is-light",
        f"{CSS}/palette.css",
        swap("    --paper: #14171f;", "    --paper: #fffefb;"),
        browser(SETUP, "dark-1280"),
    ),
    Fault("text-too-small", f"{CSS}/book.css", add("\n.md-content p { font-size: 9px }\n"), browser(SETUP)),
    Fault(
        "fonts-of-formulas-lost",
        f"{CSS}/book.css",
        add("\n.katex .mathnormal { font-family: serif }\n"),
        browser("notation"),
    ),
    Fault(
        "katex-style-of-another-version",
        "docs/en/assets/vendor/katex/katex.min.css",
        swap('.katex-version:after{content:"', '.katex-version:after{content:"9'),
        site("test_formulas_and_their_styles_are_of_one_version"),
    ),
    # Figures
    Fault("figure-raises", "scripts/figures/mini_batch.py", swap("size=10", "size=-10"), (FIGURES,)),
    Fault(
        "figure-in-a-foreign-colour",
        "scripts/figures/mini_batch.py",
        swap("color=MUTED", 'color="red"'),
        (FIGURES,),
    ),
    Fault(
        "figure-of-an-unknown-result",
        "scripts/figures/training_loss.py",
        swap("def draw(two_layer", "def draw(two_layers"),
        (FIGURES,),
    ),
    Fault("figure-script-removed", "scripts/figures/mini_batch.py", remove, (SITE,), names=PAGE),
    Fault("figure-missing", SVG, remove, (FRESH,)),
    Fault("figure-drawn-by-hand", SVG, swap("<svg ", "<svg  "), (FRESH,)),
    machinery(
        "figures-not-dark",
        "figures/style",
        "@media (prefers-color-scheme:dark)",
        "@media (prefers-color-scheme:night)",
        "test_style.py::test_every_colour_is_a_variable_with_a_light_and_a_dark_value",
    ),
    machinery(
        "figures-too-faint",
        "figures/style",
        '"orange": ("#c2500a"',
        '"orange": ("#f2b07a"',
        "test_style.py::test_every_mark_stands_out_from_the_paper",
    ),
    # Interactive figures
    script(
        "script-with-a-derivative-of-one",
        "maths/graph",
        "[x > 0 ? dout : 0]",
        "[dout]",
        "test_graph.py::test_an_operation_is_a_layer_of_dlbook[relu-Relu]",
    ),
    script(
        "script-with-another-sign",
        "maths/losses",
        '"crossEntropy" ? y - 1',
        '"crossEntropy" ? 1 - y',
        "test_losses.py::test_slopes_are_those_of_the_values[crossEntropy]",
    ),
    script(
        "script-reads-weights-as-unsigned",
        "maths/digits",
        "Int8Array.from(",
        "Uint8Array.from(",
        "test_digits.py::test_weights_are_decoded_to_the_last_digit",
    ),
    script(
        "script-that-takes-a-missing-one",
        "gates",
        '"./lib/figure.js"',
        '"./lib/figures.js"',
        "test_gates.py",
    ),
    script(
        "script-that-asks-others",
        "loss_slopes",
        "const TOP = 7",
        'fetch("https://example.org")\nconst TOP = 7',
        "test_delivery.py::test_a_script_is_classic_and_asks_nobody[loss_slopes]",
    ),
    script(
        "script-that-fails-in-the-browser",
        "loss_slopes",
        "const TOP = 7",
        "const TOP = nobody.knows",
        "test_figures.py::test_it_is_fetched_when_the_reader_comes_near[loss_slopes]",
    ),
    script(
        "script-with-a-control-without-words",
        "loss_slopes",
        'label: "Probability of the right class"',
        'label: ""',
        "test_figures.py::test_axe_finds_nothing[loss_slopes-light-1280]",
    ),
    script(
        "script-that-forgets-the-drag",
        "loss_slopes",
        "      right.value = AXES[against.value].y(at)\n",
        "",
        "test_loss_slopes.py::test_the_point_is_dragged[options0]",
    ),
    Fault(
        "script-unknown", PAGE, swap("data-interactive=loss_slopes", "data-interactive=loss_slope"), (SITE,)
    ),
    Fault(
        "script-in-the-place-of-a-printed-picture",
        f"{CSS}/interactive.css",
        swap("@media screen { .interactive-still", "@media all { .interactive-still"),
        (
            SITE,
            tests("interactive/test_figures.py::test_in_print_the_still_picture_is_the_figure[loss_slopes]"),
        ),
        names="docs/interactive/loss_slopes.js",
    ),
    Fault(
        "script-in-colours-of-its-own",
        f"{CSS}/interactive.css",
        swap("--fig-blue: #0b5f80;", "--fig-blue: #0b5f81;"),
        (SITE, tests("interactive/test_delivery.py::test_the_colours_are_those_of_the_drawn_figures")),
    ),
    # Results and data
    Fault("result-by-hand", RESULT, swap('"seeds": 5', '"seeds": 6'), (FRESH,)),
    Fault("result-cut-off", RESULT, cut(300), (FRESH,)),
    Fault("result-missing", RESULT, remove, (FRESH,)),
    Fault("result-stale", "scripts/experiments/drawing_samples.py", swap("SEED = 0 ", "SEED = 1 "), (FRESH,)),
    Fault("site-stale", SETTING_UP, add("\nOne more sentence.\n"), (FRESH,)),
    Fault("page-by-hand", "site/setup.html", add("<p>One more sentence.</p>"), (FRESH,)),
    Fault("data-cut-off", DATA, cut(5_000_000), LOADS),
    Fault("data-with-a-flipped-bit", DATA, flip(3_000_000), LOADS),
    Fault("data-missing", DATA, remove, LOADS),
    Fault("data-with-another-checksum", f"{DATA}.sha256", flip(0), LOADS, names=DATA),
    # The package
    package(
        "sign-of-a-gradient",
        "networks",
        "(y - as_one_hot(t, y))",
        "(as_one_hot(t, y) - y)",
        "test_gradient_agrees_with_autograd",
        2,
    ),
    package(
        "gradient-not-divided-by-n",
        "networks",
        "(y - as_one_hot(t, y)) / batch_size(y)",
        "(y - as_one_hot(t, y))",
        "test_gradient_agrees_with_autograd",
        2,
    ),
    package(
        "axis-of-a-bias",
        "networks",
        '"b2": dscores.sum(axis=0)',
        '"b2": dscores.sum(axis=1)',
        "test_gradient_agrees_with_autograd",
    ),
    package(
        "slope-of-the-sigmoid-at-its-output",
        "networks",
        "* z * (1 - z)",
        "* sigmoid(z) * (1 - sigmoid(z))",
        "test_gradient_agrees_with_autograd",
    ),
    package(
        "weights-not-transposed",
        "networks",
        'dscores @ self.params["W2"].T',
        'dscores @ self.params["W2"]',
        "test_gradient_agrees_with_autograd",
    ),
    package("accuracy-by-rows", "networks", "t.argmax(axis=-1)", "t.argmax(axis=0)", "test_accuracy_by_hand"),
    package(
        "sigmoid-grad-of-an-output",
        "activations",
        "return sigmoid(x) * sigmoid(-x)",
        "return x * (1 - x)",
        "test_slopes_are_the_derivatives",
    ),
    package(
        "softmax-without-shift",
        "activations",
        "e = np.exp(x - x.max(axis=-1, keepdims=True))",
        "e = np.exp(x)",
        "test_softmax_and_log_softmax_are_silent_and_right_at_1e4",
    ),
    package(
        "axis-of-softmax",
        "activations",
        "return e / e.sum(axis=-1, keepdims=True)",
        "return e / e.sum(axis=0, keepdims=True)",
        "test_a_batch_is_its_rows",
    ),
    package(
        "input-changed",
        "activations",
        "    x = x - x.max(axis=-1, keepdims=True)",
        "    x -= x.max(axis=-1, keepdims=True)",
        "test_softmaxes_keep_shape_and_type_and_leave_the_input_alone",
    ),
    package(
        "name-removed", "activations", "def relu_grad(", "def _relu_grad(", "test_slopes_are_the_derivatives"
    ),
    package(
        "half-missing",
        "losses",
        "return 0.5 * np.sum",
        "return np.sum",
        "test_sum_of_squares_agrees_with_exact_fractions",
    ),
    package(
        "loss-not-divided-by-n",
        "losses",
        "log_softmax(scores)) / batch_size(scores)",
        "log_softmax(scores))",
        "test_losses_agree_with_scipy",
    ),
    package(
        "logarithm-without-guard",
        "losses",
        "np.log(y[right] + delta)",
        "np.log(y[right])",
        "test_delta_keeps_a_probability_of_0_finite_and_stands_inside_the_log",
    ),
    package(
        "labels-not-checked",
        "losses",
        "unknown.size == 0",
        "True",
        "test_targets_that_do_not_fit_are_refused",
    ),
    package(
        "float32-promoted",
        "losses",
        "return 0.5 * np.sum",
        "return np.float64(0.5) * np.sum",
        "test_labels_of_any_integer_type_and_one_hot_rows_of_any_type_give_the_same_loss",
    ),
    package(
        "forward-for-central",
        "differentiation",
        "(f(x + h) - f(x - h)) / (2 * h)",
        "(f(x + h) - f(x)) / h",
        "test_the_error_shrinks_with_the_order_of_the_formula_when_the_step_is_halved",
    ),
    package(
        "coefficient-of-five-points",
        "differentiation",
        "+ 8 * f(x + h)",
        "+ 7 * f(x + h)",
        "test_slopes_agree_with_closed_forms",
    ),
    package(
        "step-once",
        "gradients",
        "(f_above - f_below) / (2 * h)",
        "(f_above - f_below) / h",
        "test_gradient_of_a_smooth_function_agrees_with_its_closed_form",
    ),
    package(
        "finally-removed",
        "gradients",
        "        finally:\n            x[i] = value",
        "        except BaseException:\n            raise\n        x[i] = value",
        "test_x_is_restored_bit_for_bit_when_f_raises",
    ),
    package("uphill", "descent", "x -= lr *", "x += lr *", "test_descent_ends_where_scipy_ends"),
    package(
        "history-of-one-array",
        "descent",
        "history.append(x.copy())",
        "history.append(x)",
        "test_each_step_on_the_sum_of_squares_multiplies_by_1_minus_2_lr",
    ),
    package(
        "start-not-copied",
        "descent",
        'x = np.array(as_real(init_x, "init_x", finite=True))',
        'x = as_real(init_x, "init_x", finite=True)',
        "test_the_start_is_copied_and_may_be_read_only_integers_or_a_number",
    ),
    package(
        "last-mini-batch-dropped",
        "training",
        "range(batch_size, N, batch_size))",
        "range(batch_size, N, batch_size))[: N // batch_size]",
        "test_an_epoch_has_each_sample_exactly_once_beside_its_target",
    ),
    package(
        "targets-not-shuffled",
        "training",
        "(x[rows], t[rows])",
        "(x[rows], t[: len(rows)])",
        "test_an_epoch_has_each_sample_exactly_once_beside_its_target",
    ),
    package(
        "accuracies-mixed-up",
        "training",
        'history["train_accuracy"].append(net.accuracy(x_train, t_train))',
        'history["train_accuracy"].append(net.accuracy(x_test, t_test))',
        "test_train_and_test_accuracy_are_not_mixed_up",
    ),
    package(
        "pixels-by-256",
        "datasets",
        "np.divide(x, 255, ",
        "np.divide(x, 256, ",
        "test_normalizing_divides_by_255_and_flattening_keeps_the_rows",
    ),
    package(
        "checksum-not-compared",
        "datasets",
        "if came != expected:",
        "if False:",
        "test_one_flipped_bit_is_noticed",
    ),
    # What makes and checks the book
    machinery(
        "outputs-compared-loosely",
        "blocks",
        'unit * Decimal("1.5")',
        'unit * Decimal("15")',
        "test_blocks.py::test_more_than_a_unit_in_the_last_place_is_noticed",
    ),
    machinery(
        "warnings-overlooked", "blocks", "    if unseen:\n", "    if False:\n", "test_blocks.py::test_problem"
    ),
    machinery(
        "bad-formula-shown-silently",
        "extensions/katex",
        'if "error" in answer:',
        'if "errors" in answer:',
        "extensions/test_katex.py::test_formulas_that_are_wrong",
    ),
    machinery(
        "rounding-not-demanded",
        "extensions/results",
        "if isinstance(value, float) and not spec:",
        "if False:",
        "extensions/test_measured.py::test_what_cannot_be_found",
    ),
    machinery(
        "problems-not-reported",
        "extensions/location",
        "        log.warning(report)\n",
        "",
        "extensions/test_location.py::test_mkdocs_fails_strictly_and_names_both_lines",
    ),
    machinery(
        "changes-overlooked",
        "steps",
        "if now.get(name) != then.get(name):",
        "if False:",
        "test_build.py::test_list_says_what_is_stale_and_why",
    ),
    machinery(
        "hands-overlooked",
        "steps",
        'if written[name] != stamp["writes"].get(name):',
        "if False:",
        "test_build.py::test_what_read_the_change_is_made_again_and_nothing_else",
    ),
    machinery(
        "half-a-file-written",
        "steps",
        "            file.write(content)",
        "            file.write(content[:9])",
        "test_build.py::test_first_build_makes_everything_and_the_second_nothing",
    ),
    Fault(
        "day-of-the-build-on-a-page",
        "scripts/extensions/provenance.py",
        swap(
            'return date.replace("T", " ")',
            'return __import__("time").strftime("%Y-%m-%dT").replace("T", " ")',
        ),
        (SITE, tests("test_reproducible.py::test_a_site_built_again_elsewhere_is_the_same")),
        names="07-stochastic-gradient-descent.html",
    ),
    machinery(
        "pages-kept-from-language-models",
        "publish",
        "if isinstance(inner, list):",
        "if False:",
        "test_publish.py::test_llms_txt_is_the_table_of_contents",
    ),
    Fault(
        "lint", "dlbook/losses.py", swap("import numpy as np\n", "import os\n\nimport numpy as np\n"), (LINT,)
    ),
    Fault("layout", "scripts/checks/chromium.py", swap("import os\n", "import  os\n"), (FORMAT,)),
    Fault(
        "type",
        "scripts/checks/chromium.py",
        swap("return path if Path(path).exists() else None", "return Path(path)"),
        (TYPES,),
    ),
]


# Running


def copy(source: Path, target: Path) -> Path:
    """Copy the project; what is large and does not change is linked."""

    def left_out(folder: str, names: list[str]) -> set[str]:
        here = Path(folder).relative_to(source)
        if here == Path("build"):
            return set(names) - BUILT
        return {name for name in names if name in LEFT_OUT or (here / name).as_posix() in LINKED}

    shutil.copytree(source, target, ignore=left_out, symlinks=True)
    for name in LINKED:
        if (source / name).exists():
            (target / name).symlink_to((source / name).resolve())
    return target


def run(command: Sequence[str], project: Path) -> tuple[int, str]:
    """Run Python in a project; give the exit code and what was said, in paths from the project's root."""
    try:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=project,
            env={**os.environ, **ENVIRONMENT},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return 1, f"{' '.join(command)} takes longer than {SECONDS} s"
    return done.returncode, done.stdout.replace(f"{project.resolve()}/", "")


def naming(output: str, file: str) -> str:
    """The line of a message that names a file, by a path from the root or from where its readers start."""
    spellings = {file, file.removeprefix("docs/en/"), file.removeprefix("docs/theme/")}
    spellings.add(file.removesuffix(".py").replace("/", "."))  # dlbook/losses.py is dlbook.losses
    name = re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, spellings))})(?!\w)")
    lines = [line.strip() for line in output.splitlines() if name.search(line)]
    # Rather the last that starts with the name, or the first that says of itself that it is the message.
    starting = [line for line in lines if name.match(line)]
    messages = [line for line in lines if line.startswith(("E ", "WARNING"))]
    return (starting[-1:] or messages or lines or [""])[0]


def attempt(fault: Fault, sound: Path, folder: Path) -> Outcome:
    """Put a fault into a fresh copy, and run its checks until one stops."""
    project = copy(sound, folder / fault.name)
    try:
        fault.put(project)
        for check in fault.checks:
            code, output = run((*check.command, *check.arguments), project)
            if code:
                return Outcome(fault, check, naming(output, fault.names or fault.file))
        return Outcome(fault, None)
    finally:
        shutil.rmtree(project)


def complaints(project: Path, faults: Iterable[Fault]) -> str:
    """Build, and run all the checks of some faults, but put none; give what those say that fail."""
    together: dict[tuple[str, ...], dict[str, None]] = {}
    for check in (check for fault in faults for check in fault.checks):
        together.setdefault(check.command, {}).update(dict.fromkeys(check.arguments))
    commands = [("scripts/build.py",), *((*command, *arguments) for command, arguments in together.items())]
    results = [run(command, project) for command in commands]
    return "".join(output for code, output in results if code)


def select(names: Sequence[str]) -> list[Fault]:
    known = {fault.name: fault for fault in FAULTS}
    for name in names:
        if name not in known:
            sys.exit(f"There is no fault called {name}: {nearest(name, list(known))}")
    return [known[name] for name in names] or FAULTS


def row(outcome: Outcome) -> str:
    """One line: the fault, its file, the check that caught it, and what that said."""
    by = str(outcome.by).partition("[")[0] if outcome.by else "NOTHING"
    said = outcome.line.partition(" (tests/")[0] or ("FILE NOT NAMED" if outcome.by else "")
    return f"{outcome.fault.name:34} {outcome.fault.file:42} {by:36} {said}"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="scripts.maintain.faults", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("names", metavar="NAME", nargs="*", help="a fault; all of them without any")
    parser.add_argument("--list", action="store_true", help="name the faults; put none")
    options = parser.parse_args(argv)
    faults = select(options.names)
    if options.list:
        for fault in faults:
            print(f"{fault.name}: {fault.file} ({', then '.join(map(str, fault.checks))})")
        return 0

    console, outcomes = Console(soft_wrap=True), []
    with TemporaryDirectory(prefix="faults-") as name, ThreadPoolExecutor(AT_ONCE) as threads:
        folder = Path(name)
        sound = copy(ROOT, folder / "sound")
        with console.status("The checks, without any fault"):
            if said := complaints(sound, faults):
                print(f"{said}\nWithout any fault the checks fail already: mend that first.", file=sys.stderr)
                return 1
        running = [threads.submit(attempt, fault, sound, folder) for fault in faults]
        done = track(as_completed(running), "Faults", total=len(running), console=console, transient=True)
        for future in done:
            outcomes.append(future.result())
            console.print(row(outcomes[-1]), markup=False, highlight=False)
    good = sum(outcome.good for outcome in outcomes)
    print(f"{good} of {len(outcomes)} faults caught, by messages that name the file.")
    return 0 if good == len(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
