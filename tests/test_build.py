"""The build, on a small project: what runs again and what does not, and what failure leaves behind."""

import hashlib
import itertools
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripts import measure
from scripts.build import woff2_only
from scripts.project import ROOT, Project, write_atomically

MODULES = {
    "dlbook/__init__.py": '"""A package."""\n',
    "dlbook/losses.py": "from .activations import ONE\nLOSS = ONE / 4\n",
    "dlbook/activations.py": "ONE = 1.0\n",
    "scripts/experiments/__init__.py": "",
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
        '"""Measures beta."""\nimport os\nSEED = 8\ndef run(progress):\n'
        '    return {n: os.environ[n + "_NUM_THREADS"] for n in ("OPENBLAS", "OMP", "MKL")}\n'
    ),
    "scripts/figures/__init__.py": "",
    "scripts/figures/curve.py": (
        '"""The curve."""\n'
        "from scripts.figures.shapes import line\n"
        'def draw(alpha):\n    return line(alpha["loss"])\n'
    ),
    "scripts/figures/shapes.py": "def line(y):\n    return f\"<svg><path d='M0 {y}'/></svg>\"\n",
    "scripts/figures/alone.py": '"""Reads nothing."""\ndef draw():\n    return "<svg/>"\n',
    "docs/interactive/lib/double.js": "export const double = (x) => 2 * x\n",
    "docs/interactive/show.js": (
        'import { values } from "../../results/alpha.json"\n'
        'import { double } from "./lib/double.js"\n'
        "document.title = double(values.loss)\n"
    ),
    "docs/en/index.md": "# Home\n\n![A curve.](assets/figures/curve.svg)\n",
    "docs/en/other.md": "# Other\n\nIt shows dlbook.losses.\n",
    "mkdocs.yml": (
        "site_name: Small\ndocs_dir: docs/en\ntheme: {name: mkdocs, locale: en}\nplugins: []\n"
        "use_directory_urls: false\nhooks: [scripts/hooks.py]\n"
    ),
    "node_modules/katex/dist/katex.min.css": (
        '@font-face{src:url(fonts/K.woff2) format("woff2"),url(fonts/K.woff) format("woff"),'
        'url(fonts/K.ttf) format("truetype")}.katex{color:red}'
    ),
    "node_modules/katex/dist/fonts/K.woff2": "new",
    "node_modules/katex/dist/fonts/K.woff": "old",
    "node_modules/katex/LICENSE": "MIT",
    "node_modules/katex/package.json": "{}",
}
COPIED = ("scripts/*.py", "scripts/site/*.py", "scripts/extensions/*", "scripts/figures/style.py")
ALL = {
    *("experiments/alpha", "experiments/beta", "figures/curve", "figures/alone"),
    *("interactive/show", "vendor", "site"),
}


class Small:
    """A project in a folder of its own, driven from the command line as a person would."""

    def __init__(self, root):
        self.root = root

    def fill(self):
        for pattern in COPIED:
            for path in filter(Path.is_file, ROOT.glob(pattern)):
                self.write(path.relative_to(ROOT), path.read_text())
        for name, text in MODULES.items():
            self.write(name, text)
        for package in ("esbuild", "@esbuild"):
            (self.root / "node_modules" / package).symlink_to(ROOT / "node_modules" / package)
        return self

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def read(self, name):
        return (self.root / name).read_text()

    def values(self, name):
        return json.loads(self.read(f"results/{name}.json"))["values"]

    def edit(self, name, old, new):
        assert old in self.read(name), f"{name} has no {old!r} to change"
        self.write(name, self.read(name).replace(old, new))

    @property
    def environment(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DLBOOK")}
        return {**kept, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(self.root)}

    def run(self, *command, code=0):
        done = subprocess.run(
            [sys.executable, *command],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def build(self, *arguments, code=0):
        """Run scripts/build.py, and note the steps that it made."""
        done = self.run("scripts/build.py", *arguments, code=code)
        done.made = {match[1] for match in re.finditer(r"^([\w/]+): \d+\.\d s$", done.stdout, re.MULTILINE)}
        return done

    def stale(self):
        project = Project(self.root)
        reasons = {step.id: project.why_stale(step) for step in project.steps()}
        return {step: why for step, why in reasons.items() if why}

    def files(self):
        """Map every file that a build may have written, hidden and temporary ones too, to its content."""
        folders = ("results", "docs", "site", "build/site.new", "build/site.old")
        found = (path for folder in folders for path in (self.root / folder).rglob("*") if path.is_file())
        return {path.relative_to(self.root).as_posix(): path.read_bytes() for path in found}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A small project that has been built once."""
    small = Small(tmp_path_factory.mktemp("finished")).fill()
    small.first = small.build()
    return small


@pytest.fixture
def small(finished, tmp_path):
    """A copy of it, to be changed."""
    shutil.copytree(finished.root, tmp_path, dirs_exist_ok=True, symlinks=True)
    return Small(tmp_path)


# What is made


def test_first_build_makes_everything_and_the_second_nothing(finished):
    assert finished.first.made == ALL
    before = finished.files()
    assert "Everything is up to date" in finished.build().stdout
    assert finished.files() == before


def test_a_result_says_what_decided_it(finished):
    result = json.loads(finished.read("results/alpha.json"))
    assert set(result["versions"]) == {"python", "numpy", "dlbook"}
    assert re.fullmatch(r"\w+, \d+ cores, \w+", result["machine"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", result["date"])
    assert re.fullmatch(r"[0-9a-f]{16}", result["code"])
    assert 0 <= result["seconds"] < 10
    assert {key: result[key] for key in ("experiment", "source", "about", "seed", "data", "values")} == {
        "experiment": "alpha",
        "source": "scripts/experiments/alpha.py",
        "about": "Measures alpha.",
        "seed": 7,
        "data": None,
        "values": {"loss": 0.25, "draws": [8, 8, 8], "name": "alpha"},
    }
    assert finished.values("beta") == {"OPENBLAS": "1", "OMP": "1", "MKL": "1"}


def test_the_site_holds_what_was_made(finished):
    assert finished.read("site/assets/figures/curve.svg") == "<svg><path d='M0 0.25'/></svg>"
    assert "<h1" in finished.read("site/index.html")
    script = finished.read("site/assets/interactive/show.js")
    assert "import" not in script
    assert "loss:.25" in script.replace("0.25", ".25")
    assert "machine" not in script, "of a result only the values"
    vendor = finished.root / "site/assets/vendor/katex"
    assert {path.name for path in vendor.rglob("*.*")} == {"K.woff2", "katex.min.css"}
    css = '@font-face{src:url(fonts/K.woff2) format("woff2")}.katex{color:red}'
    assert (vendor / "katex.min.css").read_text() == css


def test_the_real_katex_is_left_with_woff2_alone():
    css = woff2_only((ROOT / "node_modules/katex/dist/katex.min.css").read_text())
    fonts = re.findall(r"@font-face{.*?}", css)
    assert len(fonts) >= 20
    assert all(re.search(r'src:url\(fonts/[\w-]+\.woff2\) format\("woff2"\)}$', font) for font in fonts)
    assert not re.search(r"\.woff\b|\.ttf\b", css)


def test_a_second_edition_has_its_own_folder_and_the_same_figures(small):
    small.write("docs/ko/index.md", "# 집\n")
    small.write("mkdocs.base.yml", "theme: {name: mkdocs, locale: en}\nplugins: []\n")
    small.write("mkdocs.ko.yml", "INHERIT: mkdocs.base.yml\nsite_name: 작은\ndocs_dir: docs/ko\n")
    small.build()
    assert "집" in small.read("site/ko/index.html")
    assert "Home" in small.read("site/index.html")
    assert small.read("site/ko/assets/figures/curve.svg") == small.read("site/assets/figures/curve.svg")


# What is made again


@pytest.mark.parametrize(
    ("name", "old", "new", "stale"),
    [
        ("scripts/experiments/beta.py", "SEED = 8", "SEED = 9", {"experiments/beta"}),
        ("dlbook/activations.py", "1.0", "2.0", {"experiments/alpha", "site"}),  # an import of an import
        ("dlbook/activations.py", "ONE", '"""One."""\n\n\n# One.\nONE', {"site"}),  # only words
        ("scripts/figures/shapes.py", "path", "p", {"figures/curve", "site"}),
        (
            "scripts/figures/style.py",
            "import io\n",
            "import io  # for SVG\n",
            {"figures/curve", "figures/alone", "site"},
        ),
        ("docs/interactive/lib/double.js", "2 * x", "x + x", {"interactive/show", "site"}),
        ("results/alpha.json", "0.25", "0.75", {"figures/curve", "interactive/show", "site"}),
        ("docs/en/assets/figures/curve.svg", "M0", "M1", {"figures/curve", "site"}),
        ("docs/en/index.md", "Home", "House", {"site"}),
        ("mkdocs.yml", "Small", "Tiny", {"site"}),
        ("site/index.html", "Home", "House", {"site"}),
        ("node_modules/katex/dist/katex.min.css", "red", "blue", {"vendor"}),
    ],
)
def test_what_reads_a_change_is_stale_and_nothing_else(small, name, old, new, stale):
    small.edit(name, old, new)
    assert set(small.stale()) == stale


def test_a_change_arrives_in_the_site(small):
    small.edit("dlbook/activations.py", "1.0", "2.0")
    done = small.build()
    assert done.made == {"experiments/alpha", "figures/curve", "interactive/show", "site"}
    assert small.read("site/assets/figures/curve.svg") == "<svg><path d='M0 0.5'/></svg>"
    assert small.stale() == {}


def test_neither_times_nor_other_machines_make_results_stale(small, monkeypatch):
    for path in small.root.rglob("*"):
        os.utime(path, (1, 1), follow_symlinks=False)
    shutil.rmtree(small.root / "build")  # as in a fresh clone
    monkeypatch.setattr("scripts.project.metadata.version", lambda package: "99")
    assert set(small.stale()) == ALL - {"experiments/alpha", "experiments/beta"}


def test_another_address_of_the_site_matters(small, monkeypatch):
    monkeypatch.setenv("DLBOOK_URL", "https://example.org/")
    assert small.stale() == {"site": "DLBOOK_URL changed"}


def test_the_data_set_counts_for_what_imports_its_module(small):
    small.write("dlbook/data/mnist.npz", "digits")
    small.write("dlbook/datasets.py", "")
    small.edit("scripts/experiments/beta.py", "SEED", "from dlbook import datasets\nSEED")
    assert small.build("experiments").made == {"experiments/beta"}
    data = json.loads(small.read("results/beta.json"))["data"]
    assert data == {"file": "dlbook/data/mnist.npz", "sha256": hashlib.sha256(b"digits").hexdigest()}
    small.write("dlbook/data/mnist.npz", "altered")
    assert set(small.stale()) == {"experiments/beta", "site"}


def test_what_a_removed_figure_left_is_removed(small):
    (small.root / "scripts/figures/alone.py").unlink()
    assert "Removed docs/en/assets/figures/alone.svg" in small.build().stdout
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
        ("from . import source", set()),  # a circle
        ("import json.decoder", set()),
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
    assert {path.relative_to(package).as_posix() for path in closure} == {*found, "source.py", "__init__.py"}


def test_results_in_git_are_those_of_this_code():
    project = Project()
    experiments = [step for step in project.steps() if step.kind == "experiments"]
    assert experiments
    stale = {step.id: why for step in experiments if (why := project.why_stale(step))}
    assert not stale, "`make build` runs them again"
    names = {step.name for step in experiments}
    names |= {path.stem for path in (ROOT / "scripts/benchmarks").glob("[!_]*.py")}
    assert {path.stem for path in project.results.iterdir()} == names, "each result has a module"


# The command line


def test_names_choose_steps(small):
    small.edit("scripts/experiments/beta.py", "SEED = 8", "SEED = 9")
    small.edit("scripts/figures/curve.py", "line(", "line(2 * ")
    assert small.build("curve").made == {"figures/curve"}
    assert small.build("experiments").made == {"experiments/beta"}
    assert small.build("--force", "figures").made == {"figures/curve", "figures/alone"}


def test_list_says_what_is_stale_and_why(small):
    small.edit("dlbook/activations.py", "1.0", "2.0")
    (small.root / "docs/en/assets/figures/alone.svg").unlink()
    before = small.files()
    listed = small.build("--list").stdout
    assert "experiments/alpha: stale (its code changed, or code or data that it uses)" in listed
    assert "experiments/beta: fresh" in listed
    assert "figures/alone: stale (docs/en/assets/figures/alone.svg is missing)" in listed
    assert "reads dlbook/__init__.py, dlbook/activations.py, dlbook/losses.py, scripts/" in listed
    assert small.files() == before, "listing makes nothing"


@pytest.mark.parametrize(
    ("name", "hint"),
    [("alfa", "did you mean alpha?"), ("figure", "did you mean figures"), ("zzz", "there are alone, alpha,")],
)
def test_an_unknown_name_is_one_line_with_the_nearest(finished, name, hint):
    failed = finished.build(name, code=2)
    assert failed.stderr.startswith(f"There is no step called {name}: {hint}")
    assert failed.stderr.count("\n") == 1


def test_asking_what_is_stale_imports_nothing_heavy(finished):
    code = (
        "import sys, runpy; sys.argv = ['build.py']\n"
        "try: runpy.run_path('scripts/build.py', run_name='__main__')\n"
        "except SystemExit as end: assert not end.code\n"
        "print({'numpy', 'matplotlib', 'mkdocs', 'rich'} & set(sys.modules))"
    )
    assert finished.run("-c", code).stdout.splitlines()[-1] == "set()"


def test_steps_run_side_by_side(small):
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
            f'    return {{"met": "{other}"}}\n',
        )
    small.build("experiments")
    assert small.values("alpha") == {"met": "beta"}


def test_one_figure_does_not_change_the_next(small, monkeypatch):
    for name, setting in (("curve", "matplotlib.rcParams['lines.linewidth'] = 9\n    "), ("alone", "")):
        small.write(
            f"scripts/figures/{name}.py",
            '"""A line."""\nimport matplotlib\nfrom scripts.figures.style import BLUE, subplots\n'
            f"def draw():\n    {setting}fig, ax = subplots()\n"
            "    ax.plot([1, 2], color=BLUE)\n    return fig\n",
        )
    code = (
        "from pathlib import Path; from scripts.build import figure; from scripts.project import Step\n"
        "print(*(figure(Step('figures', it), {}).count(b'stroke-width: 9') for it in ('curve', 'alone')))"
    )
    assert small.run("-c", code).stdout.split() == ["1", "0"]


# Failure


def fail(small, text):
    """Make the experiment alpha end so."""
    small.edit("scripts/experiments/alpha.py", "    from dlbook import losses\n", f"    {text}\n")


def test_a_failing_step_keeps_the_old_result_and_the_other_steps(small):
    old = small.files()
    fail(small, "x = 1 / 0")
    small.edit("scripts/experiments/beta.py", '"OMP", ', "")
    failed = small.build(code=1)
    assert "experiments/alpha failed:\nTraceback" in failed.stderr
    assert re.search(r'alpha\.py", line \d+, in run\n\s+x = 1 / 0', failed.stderr)
    assert "ZeroDivisionError: division by zero" in failed.stderr
    assert "measure.py" not in failed.stderr, "the traceback begins in the step's own code"
    assert "Failed: experiments/alpha. Made: 1 steps" in failed.stderr
    assert failed.made == {"experiments/beta"}
    assert small.values("beta") == {"OPENBLAS": "1", "MKL": "1"}
    assert {**small.files(), "results/beta.json": old["results/beta.json"]} == old


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("return {'a': {'b': [0, float('nan')]}}", r"alpha\.py: values\.a\.b\[1\] is nan: results hold fin"),
        ("return {'a': np.float32('-inf')}", r"alpha\.py: values\.a is -inf: results hold finite"),
        ("return {1: 2}", r"alpha\.py: values has the key 1: the keys of results are strings"),
        ("return {'a': 1j}", r"alpha\.py: values\.a is of type complex, which JSON cannot hold"),
        ("return [1]", r"alpha\.py: run\(\) must return a dict of results, and returned list"),
        ("import sys; sys.exit(3)", r"experiments/alpha failed:.*SystemExit: 3"),
        ("import os; os._exit(3)", r"a process ended by itself while making experiments/alpha"),
        ("(", r"experiments/alpha failed:\n.*scripts/experiments/alpha\.py: .*SyntaxError"),
    ],
)
def test_what_went_wrong_is_said(small, code, said):
    old = small.read("results/alpha.json")
    fail(small, code)
    failed = small.build("alpha", code=1)
    assert re.search(said, failed.stderr, re.DOTALL), failed.stderr
    assert small.read("results/alpha.json") == old


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("scripts/experiments/alpha.py", "SEED = 7", "SED = 7", "alpha needs an integer SEED, got None"),
        ("scripts/experiments/alpha.py", '"""M', 'x = """M', "needs a docstring whose first line says"),
        ("scripts/figures/curve.py", "draw(alpha)", "draw(alpah)", "alpah.json (did you mean alpha?)"),
        ("scripts/figures/curve.py", "return", "return 1 or", "must return a Figure or SVG text, not int"),
        ("docs/interactive/lib/double.js", "2 * x", "2 +* x", "docs/interactive/lib/double.js:1:"),
    ],
)
def test_what_breaks_the_rules_is_refused(small, name, old, new, said):
    small.edit(name, old, new)
    assert said in small.build("alpha", "curve", "interactive", code=1).stderr


def test_what_a_step_prints_is_shown(small):
    fail(small, "print('hello'); from dlbook import losses")
    assert "experiments/alpha printed:\nhello\n" in small.build("alpha").stdout


def test_a_site_that_does_not_build_leaves_the_old_one(small):
    old = small.files()
    small.edit("docs/en/index.md", "# Home", "# Home\n\n[Away](nowhere.md)")
    failed = small.build(code=1)
    assert "site: mkdocs.yml does not build, so the site was left as it was" in failed.stderr
    assert "nowhere.md" in failed.stderr
    assert "INFO" not in failed.stderr, "only the complaint"
    assert {**small.files(), "docs/en/index.md": old["docs/en/index.md"]} == old
    assert small.build(code=1).made == set(), "what failed is tried again, and fails again"


def test_a_damaged_result_is_measured_again(small):
    small.write("results/alpha.json", "<<<<<<< HEAD")
    assert small.stale()["experiments/alpha"].startswith("results/alpha.json is damaged")
    assert small.build("experiments").made == {"experiments/alpha"}
    small.write("results/speed.json", "[]")
    small.edit("scripts/figures/curve.py", "draw(alpha)", "draw(speed)")
    assert "results/speed.json is damaged" in small.build("curve", code=1).stderr


def test_missing_packages_are_named(small):
    shutil.rmtree(small.root / "node_modules")
    failed = small.build("vendor", "interactive", code=1)
    assert "node_modules/katex/dist/katex.min.css is missing; `make setup` installs it" in failed.stderr


def test_a_write_that_fails_leaves_the_old_file_alone(tmp_path, monkeypatch):
    file = tmp_path / "folder/result.json"
    write_atomically(file, b"old")
    os.utime(file, (1, 1))
    write_atomically(file, b"old")
    assert file.stat().st_mtime == 1, "`mkdocs serve` would see a change"
    monkeypatch.setattr(os, "replace", lambda *paths: (_ for _ in ()).throw(OSError("the disk is full")))
    with pytest.raises(OSError, match="the disk is full"):
        write_atomically(file, b"new")
    assert file.read_bytes() == b"old"
    assert [path.name for path in file.parent.iterdir()] == ["result.json"]


@contextmanager
def running(small, *command):
    """A process that is ended at the end, whatever happens, and its output."""
    log = small.root / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=small.root,
            env=small.environment,
            stdout=output,
            stderr=output,
            # A shell's background jobs ignore Ctrl-C, and so would their children.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
    try:
        yield process, log.read_text
    finally:
        process.kill()
        process.wait()


def wait_until(condition, seconds=60):
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
def test_an_interrupt_leaves_nothing_half_written_and_nobody_at_work(small, sent):
    old = small.files()
    fail(
        small,
        "import os, pathlib, time; pathlib.Path('pid.tmp').write_text(str(os.getpid())); "
        "os.rename('pid.tmp', 'pid'); time.sleep(60)",
    )
    with running(small, "scripts/build.py") as (process, output):
        wait_until((small.root / "pid").exists)
        process.send_signal(sent)
        assert process.wait(timeout=20) == 130
    assert "Interrupted while making experiments/alpha" in output()
    assert "Traceback" not in output()
    wait_until(lambda: gone(int(small.read("pid"))))
    assert small.files() == old


def test_an_interrupt_during_the_site_leaves_the_old_site(small):
    old = small.files()
    small.write(
        "pause.py",
        "import pathlib, time\ndef on_env(env, **_):\n    pathlib.Path('here').touch(); time.sleep(60)\n",
    )
    small.edit("mkdocs.yml", "hooks: [", "hooks: [pause.py, ")
    with running(small, "scripts/build.py") as (process, output):
        wait_until((small.root / "here").exists)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
    assert "Interrupted while making site" in output()
    assert small.files() == old


# The progress of a step


def test_loops_within_loops_advance_together(monkeypatch):
    monkeypatch.setattr(measure.time, "monotonic", itertools.count(1).__next__)
    told = []
    progress = measure.Progress(told.append)
    assert [(i, j) for i in progress(range(2)) for j in progress(iter("abc"), total=3)] == [
        (i, j) for i in range(2) for j in "abc"
    ]
    assert told == pytest.approx([1 / 6, 2 / 6, 3 / 6, 3 / 6, 4 / 6, 5 / 6, 1, 1])
    for _ in progress(range(10)):
        break  # and the loop that is left early is over
    assert list(progress(range(3))) == [0, 1, 2]
    assert told[-1] == 1


@pytest.mark.skipif(sys.platform != "linux", reason="needs the script command of util-linux")
def test_a_terminal_shows_a_bar_for_what_takes_long(small):
    fail(small, "import time; [time.sleep(0.02) for _ in progress(range(100))]; from dlbook import losses")
    shown = subprocess.run(
        ["script", "-qec", f"{sys.executable} scripts/build.py experiments", "/dev/null"],
        cwd=small.root,
        env={**small.environment, "TERM": "xterm"},
        capture_output=True,
        text=True,
    ).stdout
    assert re.search(r"experiments/alpha .*━", shown)
    assert "1 of 2 steps made" in shown


# MkDocs alone


def test_a_bare_mkdocs_build_makes_first_what_pages_show(small):
    shutil.rmtree(small.root / "docs/en/assets")
    small.run("-m", "mkdocs", "build")
    assert small.read("site/assets/figures/curve.svg") == "<svg><path d='M0 0.25'/></svg>"
    fail(small, "x = 1 / 0")
    assert "ZeroDivisionError" in small.run("-m", "mkdocs", "build", code=1).stderr


def test_build_does_not_make_anything_again_in_the_hook(small):
    small.write("scripts/experiments/beta.py", "raise RuntimeError\ndef run(): pass\n")
    small.edit("docs/en/index.md", "Home", "House")
    assert small.build("site").made == {"site"}


def test_a_server_follows_every_change(small):
    """A sentence, a picture, the package; an experiment runs while the pages can be looked at."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        at = f"127.0.0.1:{free.getsockname()[1]}"
    with running(small, "-m", "mkdocs", "serve", "--dirty", "-a", at) as (process, output):
        wait_until(lambda: "Serving on" in output())

        def served(path):
            try:
                with urllib.request.urlopen(f"http://{at}/{path}", timeout=60) as answer:
                    return answer.read().decode()
            except (OSError, ValueError):  # it is being written
                return ""

        time.sleep(1.5)
        assert "Detected file changes" not in output(), "the first build's figures are no news"

        small.edit("docs/en/index.md", "# Home", "# House\n\n[Away](nowhere.md)")
        wait_until(lambda: "House" in served("index.html"))
        assert "nowhere.md" in output(), "a mistake is said, and the page is shown"
        small.edit("scripts/figures/shapes.py", "<path", "<path id='new'")
        wait_until(lambda: "id='new'" in served("assets/figures/curve.svg"))
        small.edit("scripts/figures/curve.py", "return", "return 1 / 0 or")
        wait_until(lambda: "ZeroDivisionError" in output())
        small.edit("scripts/figures/curve.py", "return 1 / 0 or", "return")
        (small.root / "scripts/project.py").touch()
        wait_until(lambda: "project.py changed: restart `mkdocs serve`" in output())

        wait = "import os, pathlib, time\n    pathlib.Path('pid').write_text(str(os.getpid()))\n"
        wait += "    while not pathlib.Path('go').exists(): time.sleep(0.1)\n"
        small.edit("scripts/experiments/alpha.py", "    from dlbook", f"    {wait}    from dlbook")
        small.edit("dlbook/activations.py", "1.0", "2.0")
        wait_until(lambda: (small.root / "pid").exists())
        small.edit("docs/en/index.md", "# House", "# Hut")
        wait_until(lambda: "Hut" in served("index.html"))
        (small.root / "go").touch()
        wait_until(lambda: "M0 0.5" in served("assets/figures/curve.svg"))

        (small.root / "go").unlink()
        (small.root / "pid").unlink()
        small.edit("dlbook/activations.py", "2.0", "4.0")
        wait_until(lambda: (small.root / "pid").exists() and small.read("pid"))
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
        wait_until(lambda: gone(int(small.read("pid"))))


@pytest.mark.parametrize(
    ("name", "again"),
    [
        ("docs/en/assets/figures/curve.svg", {"index"}),
        ("dlbook/losses.py", {"other"}),
        ("mkdocs.yml", {"index", "other"}),
        ("dlbook/activations.py", set()),
    ],
)
def test_a_save_has_the_pages_built_again_that_name_the_file(small, name, again):
    code = (
        "from pathlib import Path; from scripts.hooks import forget_pages\n"
        "forget_pages(Path('docs/en'), Path('site'))"
    )
    for path in (small.root / "site").glob("*.html"):
        os.utime(path)
    later = time.time() + 10
    os.utime(small.root / name, (later, later))
    small.run("-c", code)
    assert {path.stem for path in small.root.glob("docs/en/*.md")} - {
        path.stem for path in small.root.glob("site/*.html")
    } == again
