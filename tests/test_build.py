"""The build, on a small project: what runs again and what does not, and what failure leaves behind."""

import hashlib
import io
import itertools
import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from mkdocs.utils import CountHandler

from scripts import hooks, worker
from scripts.build import Builder, Report, Worker, woff2_only
from scripts.project import ROOT, Project, write_atomically

MACHINERY = [
    "scripts/__init__.py",
    "scripts/build.py",
    "scripts/site/downloads.py",
    "scripts/hooks.py",
    "scripts/node.py",
    "scripts/site/content_security.py",
    "scripts/site/sitemap.py",
    "scripts/remembered.py",
    "scripts/project.py",
    "scripts/worker.py",
    "scripts/experiments/__init__.py",
    "scripts/extensions/__init__.py",
    "scripts/extensions/fences.py",
    "scripts/extensions/location.py",
    "scripts/extensions/tables.py",
    "scripts/figures/__init__.py",
    "scripts/figures/style.py",
]

MODULES = {
    "dlbook/__init__.py": '"""A package."""\n',
    "dlbook/losses.py": "from .activations import ONE\nLOSS = ONE / 4\n",
    "dlbook/activations.py": "ONE = 1.0\n",
    "dlbook/unused.py": "",
    "scripts/experiments/alpha.py": (
        '"""Measures alpha.\n\nAt length."""\n'
        "import numpy as np\n"
        "SEED = 7\n"
        "def run(progress):\n"
        "    from dlbook import losses\n"
        "    draws = [np.random.default_rng(SEED).integers(9) for _ in progress(range(3))]\n"
        '    return {"loss": np.float32(losses.LOSS), "draws": np.array(draws), "name": "alpha"}\n'
    ),
    "scripts/experiments/beta.py": (
        '"""Measures beta."""\nSEED = 8\ndef run(progress):\n    return {"b": 1}\n'
    ),
    "scripts/figures/curve.py": (
        '"""The curve."""\n'
        "from scripts.figures.shapes import line\n"
        'def draw(alpha):\n    return line(alpha["loss"])\n'
    ),
    "scripts/figures/shapes.py": "def line(y):\n    return f\"<svg><path d='M0 {y}'/></svg>\"\n",
    "scripts/figures/alone.py": '"""Reads nothing."""\ndef draw():\n    return "<svg/>"\n',
    "docs/en/index.md": "# Home\n\n![A curve.](assets/figures/curve.svg)\n",
    "mkdocs.yml": "site_name: Small\ndocs_dir: docs/en\ntheme: {name: mkdocs, locale: en}\nplugins: []\n",
}

ALL = {"experiments/alpha", "experiments/beta", "figures/curve", "figures/alone", "vendor", "site"}


class Small:
    """A project in a folder of its own, driven from the command line as a person would."""

    def __init__(self, root):
        self.root = root
        for name, text in MODULES.items():
            self.write(name, text)
        for name in MACHINERY:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)
        npm = {
            "katex/dist/katex.min.css": (
                '@font-face{src:url(fonts/K.woff2) format("woff2"),url(fonts/K.woff) format("woff"),'
                'url(fonts/K.ttf) format("truetype")}.katex{color:red}'
            ),
            "katex/dist/fonts/K.woff2": "new",
            "katex/dist/fonts/K.woff": "old",
            "katex/LICENSE": "MIT",
            "katex/package.json": "{}",
        }
        for name, text in npm.items():
            self.write(f"node_modules/{name}", text)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def read(self, name):
        return (self.root / name).read_text()

    @property
    def environment(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DLBOOK")}
        return {**kept, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(self.root)}

    def command(self, *arguments):
        return [sys.executable, str(self.root / "scripts/build.py"), *arguments]

    def build(self, *arguments, code=0):
        """Run scripts/build.py; the process, and the steps that it made."""
        done = subprocess.run(
            self.command(*arguments), env=self.environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == code, done.stdout + done.stderr
        done.made = {match[1] for match in re.finditer(r"^([\w/]+): \d+\.\d s$", done.stdout, re.MULTILINE)}
        return done

    def states(self):
        listed = self.build("--list").stdout
        return dict(re.findall(r"^([\w/]+): (.*)$", listed, re.MULTILINE))

    def files(self):
        """Every file that a build may have written, hidden and temporary ones too, with its content."""
        folders = ("results", "docs", "site", "build/site.new", "build/site.old")
        found = (path for folder in folders for path in (self.root / folder).rglob("*") if path.is_file())
        return {str(path.relative_to(self.root)): path.read_bytes() for path in found}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A small project that has been built once."""
    small = Small(tmp_path_factory.mktemp("finished"))
    small.first = small.build()
    return small


@pytest.fixture
def small(finished, tmp_path):
    """A copy of it, to be changed."""
    shutil.copytree(finished.root, tmp_path, dirs_exist_ok=True)
    copy = Small.__new__(Small)
    copy.root = tmp_path
    return copy


# What is made


def test_first_build_makes_everything_and_the_second_nothing(finished):
    assert finished.first.made == ALL
    before = finished.files()
    again = finished.build()
    assert again.made == set()
    assert "Everything is up to date" in again.stdout
    assert finished.files() == before


def test_what_a_benchmark_has_measured_is_copied_and_drawn_like_a_result(small):
    kept = "scripts/benchmarks/results/speed.json"
    small.write(kept, json.dumps({"values": {"seconds": 5}}))
    small.write(
        "scripts/figures/speed.py",
        '"""Speed."""\ndef draw(speed):\n    return f"<svg><!-- {speed[\'seconds\']} --></svg>"\n',
    )
    assert {"kept/speed", "figures/speed"} <= small.build().made
    assert small.read("results/speed.json") == small.read(kept)
    assert "<!-- 5 -->" in small.read("docs/en/assets/figures/speed.svg")
    assert small.build().made == set()
    small.write(kept, json.dumps({"values": {"seconds": 4}}))
    assert small.build().made == {"kept/speed", "figures/speed", "site"}
    assert "<!-- 4 -->" in small.read("docs/en/assets/figures/speed.svg")
    (small.root / kept).unlink()
    failed = small.build(code=1)
    assert "there is no results/speed.json" in failed.stderr
    assert not (small.root / "results/speed.json").exists(), "what nothing keeps is removed"


def test_a_script_is_bundled_with_what_it_imports(small):
    for package in ("esbuild", "@esbuild"):
        (small.root / "node_modules" / package).symlink_to(ROOT / "node_modules" / package)
    small.write("docs/interactive/lib/double.js", "export const double = (x) => 2 * x\n")
    small.write(
        "docs/interactive/show.js",
        'import { values } from "../../results/alpha.json"\n'
        'import { double } from "./lib/double.js"\n'
        "document.title = double(values.loss)\n",
    )
    assert small.build().made == {"interactive/show", "site"}
    script = small.read("site/assets/interactive/show.js")
    assert "import" not in script
    assert "loss:.25" in script.replace("0.25", ".25")
    assert "machine" not in script, "of a result only the values"
    assert small.build().made == set()

    edit("docs/interactive/lib/double.js", "2 * x", "x + x")(small)
    assert small.build().made == {"interactive/show", "site"}
    edit("docs/interactive/lib/double.js", "x + x", "x +* x")(small)
    failed = small.build(code=1)
    assert "docs/interactive/lib/double.js:1:" in failed.stderr
    assert small.read("site/assets/interactive/show.js").count("document.title") == 1
    edit("docs/interactive/show.js", "results/alpha.json", "results/alpah.json")(small)
    assert "docs/interactive/show.js reads alpah" in small.build(code=1).stderr

    (small.root / "docs/interactive/show.js").unlink()
    small.build()
    assert not (small.root / "docs/en/assets/interactive/show.js").exists(), "what nothing makes is removed"


def test_result_says_where_it_comes_from(finished):
    result = json.loads(finished.read("results/alpha.json"))
    assert list(result) == [
        "experiment", "source", "about", "seed", "data", "versions", "machine", "date", "seconds", "values",
    ]  # fmt: skip
    assert result["experiment"] == "alpha"
    assert result["source"] == "scripts/experiments/alpha.py"
    assert result["about"] == "Measures alpha."
    assert result["seed"] == 7
    assert result["data"] is None
    assert set(result["versions"]) == {"python", "numpy", "dlbook"}
    assert re.fullmatch(r"\w+, \d+ cores, \w+", result["machine"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", result["date"])
    assert 0 <= result["seconds"] < 10
    assert result["values"] == {"loss": 0.25, "draws": [8, 8, 8], "name": "alpha"}


def test_figure_and_site_hold_what_was_measured(finished):
    assert finished.read("docs/en/assets/figures/curve.svg") == "<svg><path d='M0 0.25'/></svg>"
    assert finished.read("site/assets/figures/curve.svg") == "<svg><path d='M0 0.25'/></svg>"
    assert "<h1" in finished.read("site/index.html")


def test_figures_go_into_every_edition(small):
    small.write("docs/ko/index.md", "# 집\n")
    small.write("docs/theme/main.html", "no edition")
    small.build("--only", "figures", "--only", "vendor")
    assert small.read("docs/ko/assets/figures/curve.svg") == small.read("docs/en/assets/figures/curve.svg")
    assert (small.root / "docs/ko/assets/vendor/katex/katex.min.css").exists()
    assert not (small.root / "docs/theme/assets").exists()


def test_second_edition_has_its_folder_in_the_site(small):
    small.write("docs/ko/index.md", "# 집\n")
    small.write("mkdocs.base.yml", "theme: {name: mkdocs, locale: en}\nplugins: []\n")
    small.write("mkdocs.ko.yml", "INHERIT: mkdocs.base.yml\nsite_name: 작은\ndocs_dir: docs/ko\n")
    small.build()
    assert "집" in small.read("site/ko/index.html")
    assert "Home" in small.read("site/index.html")


def test_vendor_ships_woff2_alone_with_the_licences(finished):
    vendor = finished.root / "docs/en/assets/vendor"
    assert {str(path.relative_to(vendor)) for path in vendor.rglob("*") if path.is_file()} == {
        "katex/LICENSE",
        "katex/fonts/K.woff2",
        "katex/katex.min.css",
    }
    css = (vendor / "katex/katex.min.css").read_text()
    assert css == '@font-face{src:url(fonts/K.woff2) format("woff2")}.katex{color:red}'


def test_the_real_katex_is_left_with_woff2_alone():
    css = woff2_only((ROOT / "node_modules/katex/dist/katex.min.css").read_text())
    fonts = re.findall(r"@font-face{.*?}", css)
    assert len(fonts) >= 20
    for font in fonts:
        assert re.search(r'src:url\(fonts/[\w-]+\.woff2\) format\("woff2"\)}$', font), font
    assert not re.search(r"\.woff\b|\.ttf\b", css)


def test_missing_node_modules_are_named(small):
    shutil.rmtree(small.root / "node_modules")
    failed = small.build("--only", "vendor", code=1)
    assert "node_modules/katex/dist/katex.min.css is missing; `make setup` installs it" in failed.stderr


# What is made again


def edit(name, old="", new="\n# edited\n"):
    def change(small):
        text = small.read(name)
        assert old in text, f"{name} has no {old!r} to change"
        small.write(name, text.replace(old, new) if old else text + new)

    return change


def took(step, seconds):
    """Let the build remember that the step took so long: it starts early, and serving may not wait."""

    def change(small):
        name = f"build/stamps/{step}.json"
        small.write(name, json.dumps(json.loads(small.read(name)) | {"seconds": seconds}))

    return change


def remove(name):
    return lambda small: (small.root / name).unlink()


@pytest.mark.parametrize(
    ("change", "made"),
    [
        pytest.param(edit("scripts/experiments/beta.py"), {"experiments/beta", "site"}, id="own source"),
        pytest.param(
            edit("scripts/experiments/alpha.py", "LOSS)", "LOSS * 2)"),
            {"experiments/alpha", "figures/curve", "site"},
            id="own source, and other values",
        ),
        pytest.param(
            edit("dlbook/activations.py", "1.0", "2.0"),
            {"experiments/alpha", "figures/curve", "site"},
            id="an import of an import",
        ),
        pytest.param(
            edit("dlbook/activations.py", "ONE", '"""One."""\n\n\n# One.\nONE'),
            {"site"},
            id="a docstring, a comment, blank lines",
        ),
        pytest.param(edit("dlbook/unused.py"), {"site"}, id="a module that only the site reads"),
        pytest.param(edit("scripts/figures/shapes.py"), {"figures/curve", "site"}, id="a helper of figures"),
        pytest.param(
            edit("scripts/figures/shapes.py", "<path", "<path id='new'"),
            {"figures/curve", "site"},
            id="a helper of figures, and another picture",
        ),
        pytest.param(
            edit("scripts/figures/style.py"),
            {"figures/curve", "figures/alone", "site"},
            id="the style of figures",
        ),
        pytest.param(
            edit("results/alpha.json", '"alpha"\n', '"other"\n'),
            {"experiments/alpha", "site"},
            id="a result edited by hand",
        ),
        pytest.param(
            remove("docs/en/assets/figures/curve.svg"), {"figures/curve"}, id="a picture that is missing"
        ),
        pytest.param(
            edit("docs/en/assets/figures/curve.svg", "M0", "M1"), {"figures/curve"}, id="a picture edited"
        ),
        pytest.param(edit("docs/en/index.md"), {"site"}, id="a page"),
        pytest.param(edit("mkdocs.yml", "Small", "Tiny"), {"site"}, id="the site's configuration"),
        pytest.param(edit("site/index.html"), {"site"}, id="a file of the site edited"),
        pytest.param(remove("site/index.html"), {"site"}, id="a file of the site missing"),
        pytest.param(
            edit("node_modules/katex/dist/katex.min.css"), {"vendor", "site"}, id="another version of KaTeX"
        ),
    ],
)
def test_what_read_the_change_is_made_again_and_nothing_else(small, change, made):
    change(small)
    assert small.build().made == made
    assert small.build().made == set()


def test_times_of_files_do_not_matter(small):
    for path in small.root.rglob("*"):
        os.utime(path, (1, 1))
    assert small.build().made == set()


def test_another_version_of_numpy_matters(small, monkeypatch):
    project = Project(small.root)
    steps = {step.id: step for step in project.steps()}
    assert project.why_stale(steps["experiments/alpha"]) is None
    monkeypatch.setattr("scripts.project.metadata.version", lambda package: "99")
    project = Project(small.root)
    assert project.why_stale(steps["experiments/alpha"]) == "numpy changed"
    assert project.why_stale(steps["figures/alone"]) == "matplotlib changed"


def test_another_address_of_the_site_matters(small, monkeypatch):
    monkeypatch.setenv("DLBOOK_URL", "https://example.org/")
    project = Project(small.root)
    assert {step.id: project.why_stale(step) for step in project.steps() if project.why_stale(step)} == {
        "site": "DLBOOK_URL changed"
    }


def test_data_set_is_read_by_what_imports_datasets(small):
    small.write("dlbook/data/mnist.npz", "digits")
    small.write("dlbook/datasets.py", "")
    edit("scripts/experiments/beta.py", "SEED", "from dlbook import datasets\nSEED")(small)
    assert small.build("--only", "experiments").made == {"experiments/beta"}
    data = json.loads(small.read("results/beta.json"))["data"]
    checksum = hashlib.sha256(b"digits").hexdigest()
    assert data == {"file": "dlbook/data/mnist.npz", "sha256": checksum}
    small.write("dlbook/data/mnist.npz", "altered")
    assert small.build("--only", "experiments").made == {"experiments/beta"}


def test_what_a_removed_figure_left_is_swept_away(small):
    (small.root / "scripts/figures/alone.py").unlink()
    done = small.build()
    assert "Removed docs/en/assets/figures/alone.svg" in done.stdout
    assert not (small.root / "docs/en/assets/figures/alone.svg").exists()
    assert not (small.root / "site/assets/figures/alone.svg").exists()


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("import dlbook.pack.inner", {"pack/__init__.py", "pack/inner.py"}),
        ("import numpy, dlbook.pack.inner as other", {"pack/__init__.py", "pack/inner.py"}),
        ("from dlbook.pack import inner", {"pack/__init__.py", "pack/inner.py"}),
        ("from dlbook.pack.inner import name", {"pack/__init__.py", "pack/inner.py"}),
        ("from .pack import inner", {"pack/__init__.py", "pack/inner.py"}),
        ("from . import other", {"other.py"}),
        ("def f():\n    from .other import name", {"other.py"}),
        ("import json.decoder", set()),
        ("from os import path", set()),
        ("not python", set()),
    ],
)
def test_imports_are_found_without_importing(tmp_path, line, found):
    package = tmp_path / "dlbook"
    (package / "pack").mkdir(parents=True)
    for name in ("__init__.py", "other.py", "pack/__init__.py", "pack/inner.py"):
        (package / name).write_text("raise RuntimeError('imported')\n")
    source = package / "source.py"
    source.write_text(line)
    closure = Project(tmp_path).sources.closure(source)
    assert {str(path.relative_to(package)) for path in closure} == found | {"source.py", "__init__.py"}


def test_relative_import_climbs_and_circles_end(tmp_path):
    for name, text in {
        "dlbook/__init__.py": "",
        "dlbook/a.py": "from .pack.b import x",
        "dlbook/pack/__init__.py": "from . import b",
        "dlbook/pack/b.py": "from ..c import y",
        "dlbook/c.py": "from . import a",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    closure = Project(tmp_path).sources.closure(tmp_path / "dlbook/a.py")
    assert {path.name for path in closure} == {"__init__.py", "a.py", "b.py", "c.py"}


# The command line


def test_only_makes_what_is_named(small):
    for module in ("experiments/alpha", "experiments/beta", "figures/curve"):
        edit(f"scripts/{module}.py")(small)
    assert small.build("--only", "beta").made == {"experiments/beta"}
    done = small.build("--only", "curve")
    assert done.made == {"figures/curve"}
    assert "figures/curve takes experiments/alpha as it is, though that is stale" in done.stdout
    assert small.build("--only", "experiments").made == {"experiments/alpha"}


def test_only_makes_what_it_cannot_do_without(small):
    (small.root / "results/alpha.json").unlink()
    assert small.build("--only", "figures/curve", "--force").made == {"experiments/alpha", "figures/curve"}


def test_force_makes_again_what_is_fresh(small):
    assert small.build("--only", "figures", "--only", "beta", "--force").made == {
        "figures/curve",
        "figures/alone",
        "experiments/beta",
    }


def test_list_says_what_is_stale_and_why(small):
    assert small.states() == dict.fromkeys(ALL, "fresh")
    edit("dlbook/activations.py", "1.0", "2.0")(small)
    remove("docs/en/assets/figures/alone.svg")(small)
    before = small.files()
    states = small.states()
    assert states["experiments/alpha"] == "stale (dlbook/activations.py changed)"
    assert states["experiments/beta"] == "fresh"
    assert states["figures/curve"] == "stale (waits for experiments/alpha)"
    assert states["figures/alone"] == "stale (docs/en/assets/figures/alone.svg is missing)"
    listed = small.build("--list", "--only", "alpha").stdout
    assert "reads dlbook/__init__.py, dlbook/activations.py, dlbook/losses.py, numpy" in listed
    assert small.files() == before, "listing makes nothing"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("alfa", "did you mean alpha?"),
        ("figure", "did you mean figures"),
        ("zzz", "there are alone, alpha,"),
    ],
)
def test_unknown_name_is_one_line_with_the_nearest(finished, name, hint):
    failed = finished.build("--only", name, code=2)
    assert failed.stderr.startswith(f"There is no step called {name}: {hint}")
    assert failed.stderr.count("\n") == 1


def test_timings_are_sorted(finished):
    timings = re.findall(
        r"^ *(\d+\.\d\d) s  ([\w/]+)  \(earlier\)$", finished.build("--timings").stdout, re.M
    )
    assert {name for _, name in timings} == ALL
    seconds = [float(value) for value, _ in timings]
    assert seconds == sorted(seconds, reverse=True)


def test_command_line_does_without_the_heavy_packages(finished):
    code = (
        "import sys, runpy; sys.argv = ['build.py']\n"
        "try: runpy.run_path('scripts/build.py', run_name='__main__')\n"
        "except SystemExit as end: assert not end.code\n"
        "print({'numpy', 'matplotlib', 'mkdocs', 'rich'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=finished.root,
        env=finished.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "set()"


# Order


def test_steps_run_side_by_side_and_a_figure_after_its_results(small):
    if (os.cpu_count() or 1) < 2:
        pytest.skip("one core runs one step at a time")
    # Each experiment waits until the other has begun: one after the other, they would wait for ever.
    for mine, other in (("alpha", "beta"), ("beta", "alpha")):
        small.write(
            f"scripts/experiments/{mine}.py",
            f'"""Meets {other}."""\nimport pathlib, time\nSEED = 1\ndef run(progress):\n'
            f"    pathlib.Path('{mine}.here').touch()\n"
            f"    end = time.time() + 30\n"
            f"    while not pathlib.Path('{other}.here').exists():\n"
            f"        assert time.time() < end, 'alone'\n"
            f"        time.sleep(0.02)\n"
            f"    time.sleep(0.5)\n"
            f'    return {{"met": "{other}"}}\n',
        )
    small.write(
        "scripts/figures/curve.py",
        '"""Both."""\ndef draw(alpha, beta):\n    return f"<svg>{alpha[\'met\']} {beta[\'met\']}</svg>"\n',
    )
    small.build()
    assert small.read("site/assets/figures/curve.svg") == "<svg>beta alpha</svg>"


def test_steps_have_one_thread_each(small):
    small.write(
        "scripts/experiments/beta.py",
        '"""Threads."""\nimport os\nSEED = 1\ndef run(progress):\n'
        '    return {n: os.environ[n + "_NUM_THREADS"] for n in ("OPENBLAS", "OMP", "MKL")}\n',
    )
    small.build("--only", "beta")
    values = json.loads(small.read("results/beta.json"))["values"]
    assert values == {"OPENBLAS": "1", "OMP": "1", "MKL": "1"}


def test_one_figure_does_not_change_the_next(small):
    for name, setting in (("alone", ""), ("curve", "matplotlib.rcParams['lines.linewidth'] = 9\n    ")):
        small.write(
            f"scripts/figures/{name}.py",
            '"""A line."""\nimport matplotlib\nfrom scripts.figures.style import BLUE, subplots\n'
            f"def draw():\n    {setting}fig, ax = subplots()\n"
            "    ax.plot([1, 2], color=BLUE)\n    return fig\n",
        )

    def drawn(*names):
        """The figures as one process draws them, one after the other."""
        requests = "".join(
            json.dumps({"kind": "figures", "name": name, "results": {}}) + "\n" for name in names
        )
        done = subprocess.run(
            [sys.executable, "-m", "scripts.worker"],
            cwd=small.root,
            input=requests,
            stdout=subprocess.PIPE,
            text=True,
        )
        return [json.loads(line)["output"] for line in done.stdout.splitlines()]

    thick, thin = drawn("curve", "alone")
    assert "stroke-width: 9" in thick
    assert "stroke-width: 2" in thin
    assert [thin] == drawn("alone")


# Failure


def fails(text):
    """Makes the experiment alpha end so."""
    return edit("scripts/experiments/alpha.py", "    from dlbook import losses\n", f"    {text}\n")


def test_failing_step_keeps_the_old_result_and_the_other_steps(small):
    old = small.files()
    fails("x = 1 / 0")(small)
    edit("scripts/experiments/beta.py", '"b": 1', '"b": 2')(small)
    failed = small.build(code=1)
    assert "experiments/alpha failed: Traceback" in failed.stderr
    assert re.search(r'alpha\.py", line \d+, in run\n\s+x = 1 / 0', failed.stderr)
    assert "ZeroDivisionError: division by zero" in failed.stderr
    assert "worker.py" not in failed.stderr, "the traceback begins in the step's own code"
    assert "figures/curve: not made, because of experiments/alpha" in failed.stderr
    assert "Failed: experiments/alpha, figures/curve, site" in failed.stderr
    assert failed.made == {"experiments/beta"}
    new = small.files()
    assert json.loads(new.pop("results/beta.json"))["values"] == {"b": 2}
    del old["results/beta.json"]
    assert new == old


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "return {'a': {'b': [0, float('nan')]}}",
            r"alpha\.py: values\.a\.b\[1\] is nan: results hold finite",
        ),
        ("return {'a': np.array([1, np.inf])}", r"alpha\.py: values\.a\[1\] is inf: results hold finite"),
        ("return {'a': np.float32('-inf')}", r"alpha\.py: values\.a is -inf: results hold finite"),
        ("return {1: 2}", r"alpha\.py: values has the key 1: the keys of results are strings"),
        ("return {'a': {1, 2}}", r"alpha\.py: values\.a is of type set, which JSON cannot hold"),
        ("return {'a': 1j}", r"alpha\.py: values\.a is of type complex, which JSON cannot hold"),
        ("return [1]", r"alpha\.py: run\(\) has to return a dict of results, and returned list"),
        ("import sys; sys.exit(3)", r"experiments/alpha failed: .*SystemExit: 3"),
        ("import os; os._exit(3)", r"experiments/alpha failed: its process ended by itself \(exit code 3\)"),
        (
            "import os; os.kill(os.getpid(), 9)",
            r"alpha failed: its process ended by itself \(signal SIGKILL\)",
        ),
        ("(", r"experiments/alpha failed: scripts/experiments/alpha\.py: .*SyntaxError"),
    ],
)
def test_what_went_wrong_is_said(small, code, said):
    old = small.read("results/alpha.json")
    fails(code)(small)
    failed = small.build("--only", "alpha", code=1)
    assert re.search(said, failed.stderr, re.DOTALL), failed.stderr
    assert small.read("results/alpha.json") == old


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('"""No seed."""\ndef run(progress): return {}\n', "alpha.py: the module needs an integer SEED"),
        ("SEED = 1\ndef run(progress): return {}\n", "alpha.py: the module needs a docstring"),
    ],
)
def test_experiment_without_seed_or_docstring_is_refused(small, source, said):
    small.write("scripts/experiments/alpha.py", source)
    assert said in small.build("--only", "alpha", code=1).stderr


def test_figure_of_an_unknown_result_is_told_the_nearest(small):
    edit("scripts/figures/curve.py", "draw(alpha)", "draw(alpah)")(small)
    failed = small.build("--only", "curve", code=1)
    assert "scripts/figures/curve.py reads alpah" in failed.stderr
    assert "did you mean alpha?" in failed.stderr


def test_printing_does_not_come_between(small):
    fails("import os; print('hello'); os.system('echo from the shell'); from dlbook import losses")(small)
    done = small.build("--only", "alpha")
    assert "experiments/alpha printed:\nhello\n" in done.stdout


def test_site_that_does_not_build_leaves_the_old_one(small):
    old = {name: content for name, content in small.files().items() if name.startswith("site/")}
    edit("docs/en/index.md", "# Home", "# Home\n\n[Away](nowhere.md)")(small)
    failed = small.build(code=1)
    assert "site: mkdocs.yml does not build; the site is as it was" in failed.stderr
    assert "nowhere.md" in failed.stderr
    assert "INFO" not in failed.stderr, "only the complaint"
    left = {name: content for name, content in small.files().items() if name.startswith(("site/", "build/"))}
    assert left == old
    assert small.build(code=1).made == set(), "what failed is tried again, and fails again"


def test_write_that_fails_leaves_the_old_file_alone(tmp_path, monkeypatch):
    file = tmp_path / "folder/result.json"
    write_atomically(file, b"old")
    monkeypatch.setattr(os, "replace", lambda *paths: (_ for _ in ()).throw(OSError("the disk is full")))
    with pytest.raises(OSError, match="the disk is full"):
        write_atomically(file, b"new")
    assert file.read_bytes() == b"old"
    assert [path.name for path in file.parent.iterdir()] == ["result.json"]


def test_same_content_is_not_written_again(tmp_path):
    file = tmp_path / "figure.svg"
    write_atomically(file, b"<svg/>")
    os.utime(file, (1, 1))
    write_atomically(file, b"<svg/>")
    assert file.stat().st_mtime == 1, "`mkdocs serve` would see a change"


@contextmanager
def running(command, small):
    """A process that is ended at the end, whatever happens."""
    process = subprocess.Popen(
        command,
        cwd=small.root,
        env=small.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A shell's background jobs ignore Ctrl-C, and so would their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.02)


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    # A zombie that waits for its new parent has ended, too.
    return Path(f"/proc/{pid}/stat").exists() and ") Z " in Path(f"/proc/{pid}/stat").read_text()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_interrupt_leaves_nothing_half_written_and_nobody_at_work(small, sent):
    old = small.files()
    fails(
        "import os, pathlib, time; pathlib.Path('pid.tmp').write_text(str(os.getpid())); "
        "os.rename('pid.tmp', 'pid'); time.sleep(60)"
    )(small)
    with running(small.command(), small) as process:
        wait_until((small.root / "pid").exists)
        process.send_signal(sent)
        output, _ = process.communicate(timeout=20)
        assert process.returncode == 130
    assert "Interrupted while making experiments/alpha" in output
    assert "Traceback" not in output
    wait_until(lambda: gone(int(small.read("pid"))))
    assert small.files() == old


def test_interrupt_during_the_site_leaves_the_old_site(small):
    old = small.files()
    small.write(
        "pause.py",
        "import pathlib, time\ndef on_env(env, **_):\n    pathlib.Path('here').touch(); time.sleep(60)\n",
    )
    edit("mkdocs.yml", "plugins", "hooks: [pause.py]\nplugins")(small)
    with running(small.command(), small) as process:
        wait_until((small.root / "here").exists)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=20)
        assert process.returncode == 130
    assert "Interrupted while making site" in output
    assert small.files() == old


# The progress of a step


def test_loops_within_loops_advance_together(monkeypatch):
    monkeypatch.setattr(worker.time, "monotonic", itertools.count(1).__next__)
    told = io.StringIO()
    progress = worker.Progress(told)
    assert [(i, j) for i in progress(range(2)) for j in progress(iter("abc"), total=3)] == [
        (i, j) for i in range(2) for j in "abc"
    ]
    fractions = [json.loads(line)["fraction"] for line in told.getvalue().splitlines()]
    assert fractions == pytest.approx([1 / 6, 2 / 6, 3 / 6, 3 / 6, 4 / 6, 5 / 6, 1, 1])


def test_loop_that_is_left_early_is_over():
    progress = worker.Progress(io.StringIO())
    for _ in progress(range(10)):
        break
    assert list(progress(range(3))) == [0, 1, 2]
    assert progress._loops == []


@pytest.mark.skipif(sys.platform != "linux", reason="needs the script command of util-linux")
def test_terminal_shows_a_bar_for_what_takes_long(small):
    fails("import time; [time.sleep(0.02) for _ in progress(range(100))]; from dlbook import losses")(small)
    shown = subprocess.run(
        ["script", "-qec", " ".join(small.command("--only", "experiments", "--force")), "/dev/null"],
        env={**small.environment, "TERM": "xterm"},
        capture_output=True,
        text=True,
    ).stdout
    assert re.search(r"experiments/alpha .*━", shown)
    assert "2 of 2 steps made" in shown


# MkDocs alone


def with_hook(small):
    edit("mkdocs.yml", "plugins", "strict: true\nhooks: [scripts/hooks.py]\nplugins")(small)


def mkdocs(*arguments):
    return [sys.executable, "-m", "mkdocs", *arguments]


def test_bare_mkdocs_build_makes_the_figures_first(small):
    with_hook(small)
    shutil.rmtree(small.root / "docs/en/assets")
    shutil.rmtree(small.root / "results")
    done = subprocess.run(
        mkdocs("build"), cwd=small.root, env=small.environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "Made figures/curve" in done.stderr
    assert small.read("site/assets/figures/curve.svg") == "<svg><path d='M0 0.25'/></svg>"


def test_bare_mkdocs_build_fails_where_a_step_fails(small):
    with_hook(small)
    fails("x = 1 / 0")(small)
    done = subprocess.run(
        mkdocs("build"), cwd=small.root, env=small.environment, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr


def test_build_does_not_do_the_steps_again_in_the_hook(small):
    with_hook(small)
    edit("scripts/experiments/alpha.py")(small)
    (small.root / "scripts/experiments/beta.py").write_text("raise RuntimeError\ndef run(): pass\n")
    assert small.build("--only", "site").made == {"site"}


def test_serving_warns_where_a_build_would_stop(monkeypatch):
    logger = logging.getLogger("mkdocs")
    counter = CountHandler()
    monkeypatch.setattr(hooks, "session", SimpleNamespace(serving=True, prepare=lambda: None))
    config = SimpleNamespace(strict=True)
    logger.addHandler(counter)
    try:
        hooks.on_config(config)
        assert config.strict is False
        assert counter not in logger.handlers, "MkDocs adds it before the hook is called"
    finally:
        logger.removeHandler(counter)


def test_server_follows_changes_and_does_not_chase_its_own(small):
    with_hook(small)
    edit("mkdocs.yml", "strict", "dev_addr: 127.0.0.1:0\nstrict")(small)
    log = small.root / "serve.log"
    log.touch()
    seen = log.read_text
    with running(["sh", "-c", 'exec "$@" 2>serve.log', "sh", *mkdocs("serve")], small):
        wait_until(lambda: "Serving on" in seen())
        time.sleep(1.5)
        assert "Detected file changes" not in seen(), "the first build's figures are no news"

        edit("scripts/figures/shapes.py", "<path", "<path id='new'")(small)
        wait_until(lambda: "Made figures/curve" in seen())
        wait_until(lambda: "Reloading browsers" in seen())
        time.sleep(3)
        assert seen().count("Detected file changes") <= 2, "the change, and the figure it changed"

        edit("docs/en/index.md", "# Home", "# Home\n\n[Away](nowhere.md)")(small)
        edit("scripts/figures/curve.py", "return", "return 1 / 0 or")(small)
        wait_until(lambda: "ZeroDivisionError" in seen() and "nowhere.md" in seen())
        makings = seen().count("Making figures/curve")
        edit("docs/en/index.md", "nowhere.md", "nowhere-else.md")(small)
        wait_until(lambda: "nowhere-else.md" in seen())
        assert seen().count("Making figures/curve") == makings, "it would only fail again"

        edit("scripts/project.py")(small)
        wait_until(lambda: "scripts/project.py changed: start `mkdocs serve` anew" in seen())


def test_pages_do_not_wait_for_what_takes_long(small):
    with_hook(small)
    edit("mkdocs.yml", "strict", "dev_addr: 127.0.0.1:0\nstrict")(small)
    took("experiments/alpha", 30)(small)
    log = small.root / "serve.log"
    log.touch()
    with running(["sh", "-c", 'exec "$@" 2>serve.log', "sh", *mkdocs("serve")], small) as process:
        wait_until(lambda: "Serving on" in log.read_text())
        wait = (
            "import os, pathlib, time; {}\n    while not pathlib.Path('go').exists(): time.sleep(0.1)\n    "
        )
        note = "pathlib.Path('pid').write_text(str(os.getpid()))"
        edit("scripts/experiments/alpha.py", "return", wait.format(note) + "return")(small)
        edit("scripts/experiments/alpha.py", "LOSS)", "LOSS * 2)")(small)
        edit("docs/en/index.md", "# Home", "# At home")(small)
        wait_until(lambda: "Reloading browsers" in log.read_text())
        assert "Making experiments/alpha" in log.read_text()
        assert "Made experiments/alpha" not in log.read_text()

        (small.root / "go").touch()
        wait_until(lambda: "Made figures/curve" in log.read_text())
        assert "M0 0.5" in small.read("docs/en/assets/figures/curve.svg")

        (small.root / "go").unlink()
        (small.root / "pid").unlink()
        edit("scripts/experiments/alpha.py", "LOSS * 2)", "LOSS * 4)")(small)
        wait_until(lambda: (small.root / "pid").exists() and small.read("pid"))
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
        wait_until(lambda: gone(int(small.read("pid"))))
    assert "Traceback" not in log.read_text()
    assert "failed" not in log.read_text()


def test_a_worker_that_has_imported_what_has_changed_since_is_not_used_again(small, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    code = "    import pathlib\n    pathlib.Path('dlbook/activations.py').write_text('ONE = 2.0')\n    return"
    edit("scripts/experiments/alpha.py", "    return", code)(small)
    edit(
        "scripts/experiments/beta.py", '{"b": 1}', '{"b": __import__("dlbook.activations").activations.ONE}'
    )(small)
    took("experiments/alpha", 30)(small)  # alpha is the first, whichever took longer when they were made
    project = Project(small.root)
    steps = [step for step in project.steps() if step.kind == "experiments"]
    builder = Builder(project, Report())
    builder.run(steps)
    assert builder.ran == steps
    assert project.values("beta") == {"b": 2.0}


@pytest.mark.parametrize("alive", [True, False])
def test_a_process_that_stands_by_draws_if_it_is_still_there(small, alive):
    spare = Worker(small.root, stand_by=True)
    if not alive:
        spare.process.kill()
        spare.process.wait()
    edit("scripts/figures/curve.py")(small)
    project = Project(small.root)
    curve = next(step for step in project.steps() if step.id == "figures/curve")
    builder = Builder(project, Report(), spare)
    builder.run([curve])
    assert builder.ran == [curve]
    assert (spare.modules is not None) == alive
    assert spare.process.poll() is not None


def test_hook_costs_little_when_nothing_changed(small, monkeypatch):
    monkeypatch.setattr(hooks, "Project", lambda: Project(small.root))
    session = hooks.Session(serving=True)
    session.prepare()
    start = time.process_time()
    session.prepare()
    assert time.process_time() - start < 0.1
