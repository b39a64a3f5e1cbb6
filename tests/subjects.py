"""Which file a test speaks of: a page's source, or the module whose name the test file bears."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("dlbook", "scripts", "scripts/extensions", "scripts/figures")


def subject(nodeid):
    """Name the file, as a path below the root; the test file itself where it speaks of no other."""
    file, _, test = nodeid.partition("::")
    page = test.partition("[")[2].removesuffix("]").partition(".html")[0]
    module = Path(file).name.removeprefix("test_")
    known = [f"docs/en/{page}.md", f"docs/theme/{page}.html", *(f"{folder}/{module}" for folder in FOLDERS)]
    return next((path for path in known if (ROOT / path).is_file()), file)
