"""`python -m scripts.maintain.outputs`: what blocks print is written into the Output fences after them."""

import pytest

from scripts.maintain import outputs

PAGE = """\
# Page

{{ dlbook.losses.cross_entropy_error }}

The imports of a listing are bound for the blocks after it.

```python
print(cross_entropy_error(np.array([0.1, 0.6, 0.3]), np.array([0, 1, 0])))
```

```text title="Output"
0.51
```

??? question "Solution"

    ```python
    print("one")

    if True:
        print("  two")
    ```

    ```text title="Output"
    three
    ```

1. In a list

    > ```python
    > print(np.arange(4.0).reshape(2, 2))
    > ```

```python title="Not run: it would not end"
while True:
    pass
```

```text
print("not Python")
```

```{ .python }
print("last")
```
"""

WRITTEN = (
    PAGE.replace("    three\n", "    one\n      two\n")
    .replace(
        "    > ```\n\n",
        '    > ```\n    >\n    > ```text title="Output"\n    > [[0. 1.]\n    >  [2. 3.]]\n    > ```\n\n',
    )
    .replace('print("last")\n```\n', 'print("last")\n```\n\n```text title="Output"\nlast\n```\n')
)


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.md"

    def write(text):
        path.write_text(text, encoding="utf-8")
        return path

    return write


def block(source, output=None):
    shown = "" if output is None else f'```text title="Output"\n{output}\n```\n'
    return f"```python\n{source}\n```\n\n{shown}\n"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (block("x = 1", "1"), ":1: an Output follows, and the block prints nothing"),
        ('```text title="Output"\n1\n```\n', ":1: an Output without a Python block"),
        (block("print(1)", "1") + '```text title="Output"\n1\n```\n', ":9: an Output without a Python block"),
        (block("x = 1") + block("1 / 0") + block("print(x)"), "block 2>"),
        (block("import numpy as np\nnp.log(np.zeros(1))"), "no Output shows this line: RuntimeWarning: "),
        ("text\n\n{{ dlbook.losses.nothing }}\n", ":3: dlbook.losses does not define 'nothing'"),
    ],
)  # fmt: skip
def test_what_only_the_author_can_mend_is_reported(page, capsys, text, complaint):
    path = page(text)
    assert outputs.main([str(path)]) == 1
    assert path.read_text() == text
    said = capsys.readouterr().out
    assert complaint in said
    assert str(path) in said


FENCED = "```python\nprint('```')\n```\n\n````text title=\"Output\"\n```\n````\n\n"
WARNING = "RuntimeWarning: divide by zero encountered in log"


@pytest.mark.parametrize(
    ("text", "code", "written"),
    [
        (PAGE, 0, WRITTEN),
        (block("print(2)", "1") + block("1 / 0"), 1, block("print(2)", "2") + block("1 / 0")),
        (
            block("import numpy as np\nprint(np.log(np.zeros(1)))", f"{WARNING}\n0"),
            0,
            block("import numpy as np\nprint(np.log(np.zeros(1)))", f"{WARNING}\n[-inf]"),
        ),
        (block("print('```')", "0"), 0, FENCED),
    ],
)
def test_outputs_are_written_once(page, capsys, text, code, written):
    path = page(text)
    assert outputs.main([str(path)]) == code
    assert path.read_text() == written
    assert ": written" in capsys.readouterr().out
    assert outputs.main([str(path)]) == code
    assert path.read_text() == written
    assert ": written" not in capsys.readouterr().out


def test_a_page_that_was_edited_meanwhile_is_left_alone(page, monkeypatch, capsys):
    path = page(block("print(2)", "1"))
    run = outputs.run

    def run_and_edit(*arguments):
        path.write_text("edited", encoding="utf-8")
        return run(*arguments)

    monkeypatch.setattr(outputs, "run", run_and_edit)
    assert outputs.main([str(path)]) == 1
    assert path.read_text() == "edited"
    assert "changed while its blocks ran" in capsys.readouterr().out


def test_a_page_that_is_not_there_is_told(capsys):
    assert outputs.main(["docs/en/none.md"]) == 1
    assert "docs/en/none.md" in capsys.readouterr().out
