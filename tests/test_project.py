"""What stands around the book: the workflow, the citation and the licences agree with the project itself."""

import json
import re
import tomllib
from importlib import metadata

import pytest
import yaml

import dlbook
from tests.built import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def load(path):
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def jobs():
    return {f"{path.name}: {name}": job for path in WORKFLOWS for name, job in load(path)["jobs"].items()}


def commands(job):
    """What a job runs, once for each member of its matrix."""
    for values in job.get("strategy", {}).get("matrix", {}).get("include", [{}]):
        for step in job["steps"]:
            if "run" in step:
                yield re.sub(r"\$\{\{ matrix\.(\w+) \}\}", lambda name, it=values: it[name[1]], step["run"])


def assert_make_knows(command, where):
    """Check that the Makefile has what is called: the target, and a use for each variable."""
    words = re.sub(r'"[^"]*"', "quoted", command).split()
    assert words[0] == "make", f"{where}: {command}: what a job does is a target of the Makefile"
    for word in words[1:]:
        name, given, _ = word.partition("=")
        found = rf"\$[({{]{name}[)}}]" if given else rf"^{name}:"
        assert re.search(found, MAKEFILE, re.MULTILINE), f"{where}: the Makefile has no {name}"


@pytest.mark.parametrize("name", jobs())
def test_a_job_does_what_anybody_can_do(name):
    for command in commands(jobs()[name]):
        assert_make_knows(command, name)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_the_commands_of_a_page_are_targets(page):
    found = re.findall(r"(?:^|`)(make [^`#\n]+)", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert found
    for command in found:
        assert_make_knows(command.split("…")[0].strip(), page)


def test_everything_is_tested_before_it_is_published():
    book, publish = (load(WORKFLOWS[0])["jobs"][name] for name in ("book", "publish"))
    assert next(commands(book)) == "make test-all"
    assert publish["needs"] == "book"
    built = [step for step in book["steps"] if "DLBOOK_URL" in step.get("env", {})]
    assert [step["run"] for step in built] == ["make build"]
    assert not list(commands(publish)), "what is published is what was tested"
    assert {job["if"] for job in (publish, *built)} == {"github.ref == 'refs/heads/main'"}


def test_a_job_may_do_no_more_than_it_has_to():
    workflow = load(WORKFLOWS[0])
    assert workflow["permissions"] == {"contents": "read"}
    writing = {
        (name, it)
        for name, job in workflow["jobs"].items()
        for it, level in job.get("permissions", {}).items()
        if level != "read"
    }
    assert writing == {("publish", "pages"), ("publish", "id-token")}
    for name, job in workflow["jobs"].items():
        assert job["timeout-minutes"] <= 60, name
        for step in job["steps"]:
            assert re.fullmatch(r"actions/[\w-]+@v\d+", step.get("uses", "actions/none@v1")), (
                f"{name}: {step['uses']}"
            )
            if step.get("uses", "").startswith("actions/checkout"):
                assert step["with"]["persist-credentials"] is False, name


def test_the_oldest_and_the_newest_are_tested_each_week():
    workflow = load(WORKFLOWS[0])
    assert workflow[True]["schedule"], "YAML 1.1 reads `on` as true"
    tested = {it["packages"]: it for it in workflow["jobs"]["ranges"]["strategy"]["matrix"]["include"]}
    assert f">={tested['oldest']['python']}" == project()["requires-python"]
    assert tested["oldest"]["lock"] == "lowest-direct"
    assert tested["newest"]["lock"] == re.search(r"^RESOLUTION := (\S+)", MAKEFILE, re.MULTILINE)[1]
    assert float(tested["newest"]["python"][2:]) > float(tested["oldest"]["python"][2:])


def test_the_citation_is_of_this_book():
    citation, edition = load("CITATION.cff"), load("mkdocs.yml")
    assert citation["version"] == dlbook.__version__ == metadata.version("dlbook")
    assert citation["title"] == edition["site_name"]
    assert citation["abstract"] == edition["site_description"]
    assert [author["name"] for author in citation["authors"]] == [load_base("site_author")]


def load_base(key):
    text = (ROOT / "mkdocs.base.yml").read_text(encoding="utf-8")
    return re.search(rf"^{key}: (.*)$", text, re.MULTILINE)[1]


@pytest.mark.parametrize(
    ("file", "title", "spdx"),
    [
        ("LICENSE", "MIT License", "MIT"),
        ("docs/LICENSE", "Attribution-ShareAlike 4.0 International", "CC-BY-SA-4.0"),
    ],
)
def test_code_and_prose_have_their_licences(file, title, spdx):
    text = (ROOT / file).read_text(encoding="utf-8")
    assert text.startswith(title)
    assert spdx in load("CITATION.cff")["license"]
    assert f"]({file})" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_locked_packages_of_npm_have_a_checksum_and_come_from_nowhere_in_particular():
    lock, wanted = (json.loads((ROOT / name).read_bytes()) for name in ("package-lock.json", "package.json"))
    packages = lock["packages"]
    assert packages[""]["dependencies"] == wanted["dependencies"]
    assert len(packages) > 1
    for name, package in packages.items():
        assert not name or package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name
