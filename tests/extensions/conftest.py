"""A small project in a temporary folder, and the site's set of Markdown extensions over it."""

import json
import textwrap

import markdown
import pytest

EXTENSIONS = {
    "admonition": {},
    "attr_list": {},
    "def_list": {},
    "footnotes": {},
    "md_in_html": {},
    "tables": {},
    "toc": {"permalink": "#"},
    "pymdownx.arithmatex": {"generic": True},
    "pymdownx.blocks.caption": {},
    "pymdownx.details": {},
    "pymdownx.highlight": {},
    "pymdownx.inlinehilite": {},
    "pymdownx.snippets": {"check_paths": True},
    "pymdownx.superfences": {},
    "pymdownx.tabbed": {"alternate_style": True},
    "scripts.extensions.code": {},
    "scripts.extensions.numbers": {},
    "scripts.extensions.katex": {},
    "scripts.extensions.figures": {},
    "scripts.extensions.repository": {},
    "scripts.extensions.tables": {},
    "scripts.extensions.titles": {},
}
# Those that take names from the project.
OURS = [
    f"scripts.extensions.{name}" for name in ("code", "numbers", "katex", "figures", "repository", "titles")
]


class Project:
    def __init__(self, root, caplog):
        self.root = root
        self.caplog = caplog

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")
        return file

    def result(self, name, values, **more):
        self.write(f"results/{name}.json", json.dumps({"values": values, **more}))

    def converter(self, **options):
        """Give a new Markdown converter; `options` are of extensions of ours, by their short names."""
        configs = {name: dict(config) for name, config in EXTENSIONS.items()}
        configs["pymdownx.snippets"]["base_path"] = str(self.root / "docs/en")
        for name in OURS:
            given = options.get(name.rpartition(".")[2], {})
            configs[name] = {"root": str(self.root), "repository": "", **given}
        return markdown.Markdown(extensions=list(configs), extension_configs=configs)

    def convert(self, text, page="docs/en/page.md", **options):
        """Write a page and convert it as MkDocs would, one new converter a page; without `page`, no file."""
        text = textwrap.dedent(text)
        if page:
            self.write(page, text)
        return self.converter(**options).convert(text)

    def problems(self):
        """Give the warnings so far, and forget them."""
        messages = [it.getMessage() for it in self.caplog.records if it.name == "mkdocs.dlbook"]
        assert all(it.levelname == "WARNING" for it in self.caplog.records if it.name == "mkdocs.dlbook")
        self.caplog.clear()
        return messages


@pytest.fixture
def project(tmp_path, caplog):
    return Project(tmp_path, caplog)
