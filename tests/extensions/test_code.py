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


def test_source_without_its_docstring(package):
    assert listing(package, "dlbook.sample.plain") == "def plain(x):\n    # why\n    return x * 2"


def test_source_with_its_docstring(package):
    expected = '    """Only a line."""\n\n    # why\n'
    assert listing(package, "dlbook.sample.plain:docstring") == f"def plain(x):\n{expected}    return x * 2"


def test_decorators_nested_docstrings_and_imports(package):
    assert (
        listing(package, "dlbook.sample.decorated")
        == """\
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
    return inner(total) * scale + plain(Z_MAX)"""
    )


def test_a_docstring_may_hold_a_fence(package):
    code = listing(package, "dlbook.sample.decorated:docstring")
    assert "    ```python\n    decorated(1)\n    ```\n" in code
    ast.parse(code)


def test_a_method_at_the_left_margin(package):
    assert (
        listing(package, "dlbook.sample.Net.run")
        == """\
import math
import os.path
from functools import partial as part

import numpy as np

from dlbook.more import helper
from dlbook.sample import Net, _hidden


def run(self, x):
    return helper(np.asarray(x), math.pi, os.path.sep, part(print), Net, _hidden)"""
    )


def test_a_class_keeps_its_strings(package):
    code = listing(package, "dlbook.sample.Net")
    assert code.endswith("_hidden)")
    assert "Begin" not in code
    assert "A class" not in code
    assert '        self.text = """\nkept at the margin\n"""\n' in code
    assert (
        "from dlbook.more import Thing, helper\nfrom dlbook.sample import _hidden\n\n\nclass Net(Thing):"
        in code
    )


def test_a_body_that_is_only_a_docstring_keeps_it(package):
    assert listing(package, "dlbook.sample.Bad") == 'class Bad(ValueError):\n    """Nothing else."""'


def test_a_name_of_the_module_comes_before_a_builtin(package):
    package.write("dlbook/shadow.py", "def sum(x): return 1\n\n\ndef f(x): return sum(x) + len(x)\n")
    expected = "from dlbook.shadow import sum\n\n\ndef f(x): return sum(x) + len(x)"
    assert listing(package, "dlbook.shadow.f") == expected


@pytest.mark.parametrize(
    ("name", "code"), [("DELTA", "DELTA = 1e-7  # small"), ("TABLE", 'TABLE = {\n    "a": 1,\n}')]
)
def test_constants(package, name, code):
    assert listing(package, f"dlbook.sample.{name}") == code


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
        "from dlbook.sample import Net, _hidden\n\n\ndef run"
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


@pytest.mark.parametrize("mark", ["```", "~~~", "````"])
def test_fences_are_left_alone(package, mark):
    text = "{{ dlbook.sample.plain }}\n\n{{ dlbook.sample.nothing }}"
    assert listings(package.convert(f"# A\n\n{mark}markdown\n{text}\n{mark}\n")) == [text]
    assert package.problems() == []


def test_a_fence_in_a_fence(package):
    page = package.convert(
        "````markdown\n```python\n{{ dlbook.sample.plain }}\n```\n````\n\n{{ dlbook.sample.plain }}"
    )
    assert listings(page) == [
        "```python\n{{ dlbook.sample.plain }}\n```",
        listing(package, "dlbook.sample.plain"),
    ]


def test_a_fence_that_is_not_closed_is_none(package):
    page = package.convert("```python\nnot closed\n\n{{ dlbook.sample.plain }}\n")
    assert "def plain(x):" in "".join(listings(page))


def test_a_block_in_a_solution_binds_too(package):
    page = package.convert("""\
        ??? question "Solution"

            ```python
            from dlbook.more import Thing, helper
            ```

        {{ dlbook.sample.Net }}
        """)
    assert "dlbook.more" not in listings(page)[-1]


def test_a_fence_ends_with_what_it_is_indented_in(package):
    text = "!!! note\n\n    ```python\n    not closed\n\nText.\n\n{{ dlbook.sample.plain }}\n\n    ```\n"
    assert "def plain(x):" in "".join(listings(package.convert(text)))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("dlbook.sample.plane", "dlbook.sample does not define 'plane', but DELTA, TABLE, plain"),
        ("dlbook.sample.Net.ran", "dlbook.sample.Net does not define 'ran', but size, __init__, run"),
        ("dlbook.sample.plain.x", "dlbook.sample.plain does not define 'x', but nothing"),
        ("dlbook.sample.check", "dlbook.sample does not define 'check'"),
        ("dlbook.simple.plain", "dlbook does not define 'simple'"),
        ("dlbook.sample", "dlbook.sample is a module"),
        ("dlbook.sample.plain:docs", "dlbook.sample.plain has no form 'docs'"),
    ],
)
def test_unknown_names(package, name, message):
    page = package.convert(f"# A\n\n    \n{{{{ {name} }}}}\n\nEnd.\n")
    (problem,) = package.problems()
    assert problem.startswith(f"docs/en/page.md:4: {message}")
    assert page.count('<span class="build-error">') == 1
    assert "<p>End.</p>" in page


def test_a_module_with_a_syntax_error(package):
    package.write("dlbook/broken.py", "def f(:\n")
    package.convert("{{ dlbook.broken.f }}")
    (problem,) = package.problems()
    assert problem.startswith("docs/en/page.md:1: ")


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


def test_a_listing_computes_what_the_package_computes(project):
    code = listings(project.convert("{{ dlbook.losses.cross_entropy_error }}", code={"root": str(ROOT)}))[0]
    namespace = {}
    exec(code, namespace)
    assert namespace["cross_entropy_error"]([0.1, 0.9], [0, 1]) == pytest.approx(0.105360, abs=1e-5)
