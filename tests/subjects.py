"""Which files a test speaks of: a page's source, or the modules that its test file is there for."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("dlbook", "scripts", "scripts/extensions", "scripts/figures")
# A test file bears the name of a module. These modules are tested together with it.
KEYBOARD = "docs/theme/assets/javascripts/keyboard.js"
MORE = {
    "tests/test_copy.py": [KEYBOARD],
    "tests/test_keyboard.py": [KEYBOARD],
    "tests/test_bugs.py": ["docs/en/bugs.md"],
    "tests/site/test_downloads.py": ["scripts/site/downloads.py"],
    "tests/test_build.py": ["scripts/project.py", "scripts/worker.py", "scripts/hooks.py"],
    "tests/extensions/test_code.py": ["scripts/extensions/modules.py", "scripts/extensions/fences.py"],
    "tests/extensions/test_katex.py": ["scripts/extensions/katex_process.py"],
    "tests/extensions/test_numbers.py": ["scripts/extensions/results.py"],
}


def subject(nodeid):
    """Name the files, as paths below the root; the test file itself where it speaks of no other."""
    file, _, test = nodeid.partition("::")
    page = test.partition("[")[2].removesuffix("]").partition(".html")[0]
    module = Path(file).name.removeprefix("test_")
    if file.startswith("tests/interactive/"):
        return script(file, module.removesuffix(".py"), page.partition("-")[0])
    known = [f"docs/en/{page}.md", f"docs/theme/{page}.html", *(f"{folder}/{module}" for folder in FOLDERS)]
    found = next((path for path in known if (ROOT / path).is_file()), file)
    return ", ".join(dict.fromkeys([found, *MORE.get(file, [])]))


def script(file, module, figure):
    """Name the script of an interactive figure that a test is about, by its file or by what it looks at."""
    names = (f"maths/{module}", module.removesuffix("_figure"), figure)
    known = [f"docs/interactive/{name}.js" for name in names if name]
    return next((path for path in known if (ROOT / path).is_file()), file)


def theme(words, *kinds):
    """Name the files of the theme, of some kinds, that have the first of these words that any of them has."""
    files = [path for path in sorted((ROOT / "docs/theme").rglob("*.*")) if path.suffix in kinds]
    for word in words:
        whole = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
        if found := [path for path in files if whole.search(path.read_text(encoding="utf-8"))]:
            return ", ".join(path.relative_to(ROOT).as_posix() for path in found)
    return ""
