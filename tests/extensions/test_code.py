"""Listings by name: the source as it stands, with the imports that it needs."""

import ast
import dis
import html
import importlib
import inspect
import os
import pkgutil
import re
import textwrap
import types

import pytest

import dlbook
from scripts.extensions.location import ROOT

MODULE = '''\
"""A module."""

import math
import os.path
from functools import lru_cache, partial as part

import numpy as np

from .checks import check
from dlbook.more import Z_MAX, Thing, helper

DELTA = 1e-7  # small
TABLE = {
    "a": 1,
}


def plain(x):
    """Only a line."""

    # why
    return x * 2


@lru_cache(
    maxsize=None
)
def decorated(n, *, scale=DELTA):
    r"""Have

    a long text with a fence:

    ```python
    decorated(1)
    ```
    """
    def inner(math):
        """Inner."""
        return math.ceil(n)

    total = sum(part for part in range(n))
    check(total, len([np for np in "ab"]))
    return inner(total) * scale + plain(Z_MAX)


class Bad(ValueError):
    """Nothing else."""


class Net(Thing):
    """A class."""

    size: int = 3

    def __init__(self):
        """Begin."""
        self.text = """
kept at the margin
"""

    def run(self, x):
        """Run."""
        return helper(np.asarray(x), math.pi, os.path.sep, part(print), Net, _hidden)


def max(x): return 1


def shadows(x): return max(x) + len(x)


_hidden = 1
'''


@pytest.fixture
def package(project):
    project.write("dlbook/__init__.py", "")
    project.write("dlbook/checks.py", "def check(*args): pass\n")
    project.write("dlbook/more.py", "Z_MAX = 3\nclass Thing: pass\ndef helper(*args): pass\n")
    project.write("dlbook/sample.py", MODULE)
    return project


def listings(page):
    """Give the code of every block in the HTML, as a reader would copy it."""
    blocks = re.findall(r"<pre>(.*?)</pre>", page, re.DOTALL)
    return [html.unescape(re.sub("<[^>]+>", "", block)).rstrip("\n") for block in blocks]


def listing(project, name):
    (code,) = listings(project.convert(f"# A\n\n{{{{ {name} }}}}\n"))
    assert project.problems() == []
    return code


PLAIN = "def plain(x):\n    # why\n    return x * 2"
LISTINGS = {
    "plain": PLAIN,
    "plain:docstring": PLAIN.replace("    # why", '    """Only a line."""\n\n    # why'),
    "decorated": """\
from functools import lru_cache

from dlbook.checks import check
from dlbook.more import Z_MAX
from dlbook.sample import DELTA, plain


@lru_cache(
    maxsize=None
)
def decorated(n, *, scale=DELTA):
    def inner(math):
        return math.ceil(n)

    total = sum(part for part in range(n))
    check(total, len([np for np in "ab"]))
    return inner(total) * scale + plain(Z_MAX)""",
    "Net.run": """\
import math
import os.path
from functools import partial as part

import numpy as np

from dlbook.more import helper
from dlbook.sample import Net, _hidden


def run(self, x):
    return helper(np.asarray(x), math.pi, os.path.sep, part(print), Net, _hidden)""",
    "Net": '''\
import math
import os.path
from functools import partial as part

import numpy as np

from dlbook.more import Thing, helper
from dlbook.sample import _hidden


class Net(Thing):
    size: int = 3

    def __init__(self):
        self.text = """
kept at the margin
"""

    def run(self, x):
        return helper(np.asarray(x), math.pi, os.path.sep, part(print), Net, _hidden)''',
    "Bad": 'class Bad(ValueError):\n    """Nothing else."""',  # a body needs something
    "shadows": "from dlbook.sample import max\n\n\ndef shadows(x): return max(x) + len(x)",
    "DELTA": "DELTA = 1e-7  # small",
    "TABLE": 'TABLE = {\n    "a": 1,\n}',
}


@pytest.mark.parametrize("name", LISTINGS)
def test_a_listing_is_the_source_with_its_imports(package, name):
    assert listing(package, f"dlbook.sample.{name}") == LISTINGS[name]


def test_a_docstring_may_hold_a_fence(package):
    code = listing(package, "dlbook.sample.decorated:docstring")
    assert "    ```python\n    decorated(1)\n    ```\n" in code
    ast.parse(code)


def test_the_title_is_the_file(package):
    page = package.convert("{{ dlbook.sample.plain }}")
    assert '<span class="filename">dlbook/sample.py</span>' in page


def test_what_the_page_has_bound_is_not_imported_again(package):
    page = package.convert("""\
        # A

        ```python
        import numpy as np
        from math import *
        if True:
            helper = DELTA = 1
        def plain(x): pass
        ```

        ```python title="Not run: it would not end"
        from functools import lru_cache
        ```

        ```text
        import math
        ```

        ```pycon
        check = 1
        ```

        ??? question "Solution"

            ```python
            from dlbook.sample import _hidden
            ```

        {{ dlbook.sample.decorated }}

        {{ dlbook.sample.decorated }}

        {{ dlbook.sample.Net.run }}
        """)
    first, again, method = listings(page)[-3:]
    assert first.startswith(
        "from functools import lru_cache\n\nfrom dlbook.checks import check\n"
        "from dlbook.more import Z_MAX\n\n\n@lru_cache"
    )
    assert again.startswith("@lru_cache")
    assert method.startswith(
        "import math\nimport os.path\nfrom functools import partial as part\n\n"
        "from dlbook.sample import Net\n\n\ndef run"
    )


@pytest.mark.parametrize(
    ("before", "around"),
    [
        ("!!! note\n\n    ", '<div class="admonition note">'),
        ('??? question "Q"\n\n    ', '<details class="question">'),
        ("1. item\n\n    - item\n\n        ", "<li>"),
        ('=== "Tab"\n\n    ', "tabbed-block"),
        ("> ", "<blockquote>"),
    ],
)
def test_an_indented_directive(package, before, around):
    page = package.convert(f"# A\n\n{before}{{{{ dlbook.sample.decorated }}}}\n\nEnd.\n")
    assert around in page
    assert page.index(around) < page.index("<pre>")
    (code,) = listings(page)
    assert code == listing(package, "dlbook.sample.decorated")


BY_NAME = "{{ dlbook.sample.plain }}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *[(f"{mark}markdown\n{BY_NAME}\n{mark}\n", [BY_NAME]) for mark in ("```", "~~~", "````")],
        (f"````md\n```py\n{BY_NAME}\n```\n````\n\n{BY_NAME}", [f"```py\n{BY_NAME}\n```", PLAIN]),
    ],
)
def test_names_in_fences_are_left_alone(package, text, expected):
    assert listings(package.convert(f"# A\n\n{text}")) == expected
    assert package.problems() == []


@pytest.mark.parametrize(
    "before", ["```python\nnot closed", "!!! note\n\n    ```python\n    not closed\n\nText."]
)
def test_a_fence_ends_with_what_it_is_indented_in_and_is_none_unless_it_is_closed(package, before):
    page = package.convert(f"{before}\n\n{BY_NAME}\n\n    ```\n")
    assert "def plain(x):" in "".join(listings(page))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("dlbook.sample.plane", "dlbook.sample does not define 'plane'; it defines DELTA, TABLE, plain"),
        ("dlbook.sample.Net.ran", "dlbook.sample.Net does not define 'ran'; it defines size, __init__, run"),
        ("dlbook.sample.plain.x", "dlbook.sample.plain does not define 'x'; it defines nothing"),
        ("dlbook.sample.check", "dlbook.sample does not define 'check'"),
        ("dlbook.simple.plain", "dlbook does not define 'simple'"),
        ("dlbook.sample", "dlbook.sample is a module"),
        ("dlbook.sample.plain:docs", "dlbook.sample.plain has no form 'docs'"),
        ("dlbook.broken.f", ""),
    ],
)
def test_what_cannot_be_listed(package, name, message):
    package.write("dlbook/broken.py", "def f(:\n")
    page = package.convert(f"# A\n\n    \n{{{{ {name} }}}}\n\nEnd.\n")
    (problem,) = package.problems()
    assert problem.startswith(f"docs/en/page.md:4: {message}")
    assert page.count('<span class="build-error">') == 1
    assert "<p>End.</p>" in page


def test_an_edit_shows_at_once(package):
    assert "x * 2" in listing(package, "dlbook.sample.plain")
    file = package.write("dlbook/sample.py", MODULE.replace("x * 2", "x * 3"))
    os.utime(file, ns=(1, 1))
    assert "x * 3" in listing(package, "dlbook.sample.plain")


# The real package: every listing runs, and is the object that it claims to be.


def public_objects():
    for module in pkgutil.iter_modules(dlbook.__path__, "dlbook."):
        for name, it in vars(importlib.import_module(module.name)).items():
            if getattr(it, "__module__", None) == module.name and not name.startswith("_"):
                yield f"{module.name}.{name}"
                if inspect.isclass(it):
                    yield from (
                        f"{module.name}.{name}.{key}"
                        for key, value in vars(it).items()
                        if inspect.isfunction(value) and inspect.getmodule(value).__name__ == module.name
                    )


def tree_without_docstrings(code):
    tree = ast.parse(textwrap.dedent(code))
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.FunctionDef | ast.ClassDef)
            and ast.get_docstring(node)
            and len(node.body) > 1
        ):
            del node.body[0]
    return ast.dump(tree.body[-1])


def source_of(module, name, it):
    if inspect.isclass(it) or inspect.isfunction(it):
        return inspect.getsource(it)
    text = inspect.getsource(module)  # a constant: the statement that binds it
    statements = [node for node in ast.parse(text).body if isinstance(node, ast.Assign)]
    return next(ast.unparse(node) for node in statements if node.targets[0].id == name)


def globals_used(code):
    """List what the functions in compiled code take from their module, as the bytecode says."""
    own = {it.argval for it in dis.get_instructions(code) if it.opname == "LOAD_GLOBAL"}
    return own.union(*(globals_used(it) for it in code.co_consts if isinstance(it, types.CodeType)))


@pytest.mark.parametrize("form", ["", ":docstring"])
@pytest.mark.parametrize("name", list(public_objects()))
def test_every_public_object_runs_as_listed(project, name, form):
    code = listings(project.convert(f"{{{{ {name}{form} }}}}", page=None, code={"root": str(ROOT)}))[0]
    module, _, inside = name.partition(".")[2].partition(".")
    module = original = importlib.import_module(f"dlbook.{module}")
    for part in inside.split("."):
        original = getattr(original, part)
    assert tree_without_docstrings(code) == tree_without_docstrings(source_of(module, inside, original))

    compiled = compile(code, name, "exec")
    namespace = {"__name__": "a_page"}
    exec(compiled, namespace)
    assert inspect.isclass(namespace[inside.split(".")[-1]]) == inspect.isclass(original)
    assert not globals_used(compiled) - namespace.keys() - namespace["__builtins__"].keys()
