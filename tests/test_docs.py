"""The documentation against the repository: links, commands and options it names, pages made from the code."""

from __future__ import annotations

import importlib.util
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
PAGES += [path for path in sorted((ROOT / "docs").rglob("*.md")) if "generated" not in path.parts]


def loaded(path: Path) -> ModuleType:
    """A script of docs/ as a module."""
    spec = importlib.util.spec_from_file_location(f"docs_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def made() -> ModuleType:
    return loaded(ROOT / "docs/generated_pages.py")


@pytest.fixture(scope="module")
def tree(made: ModuleType) -> dict[str, set[str]]:
    """Options of every command, by the words that call it."""
    return {
        name: {option for one in command.params for option in (*one.opts, *one.secondary_opts)} for name, command in made.command_tree()
    }


def targets(page: Path) -> Iterator[str]:
    """Files that a page links, shows, includes or lists."""
    text = page.read_text(encoding="utf-8")
    yield from re.findall(r"\]\(([^)#\s]+)", text)
    yield from re.findall(r"^```\{(?:include|literalinclude)\} (\S+)", text, flags=re.M)
    for block in re.findall(r"^```\{toctree\}\n(.*?)^```", text, flags=re.M | re.S):
        yield from (f"{line}.md" for line in block.splitlines() if line and not line.startswith(":"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_relative_links_resolve(page: Path, made: ModuleType) -> None:
    to_be_made = {(ROOT / "docs/generated" / f"{name}.md").resolve() for name in made.PAGES}
    local = [target for target in targets(page) if "://" not in target]
    missing = [target for target in local if not (page.parent / target).exists() and (page.parent / target).resolve() not in to_be_made]
    assert not missing


def calls(page: Path) -> Iterator[list[str]]:
    """Words of every `karyokit ...` line of a page's code blocks and code words, without comments."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    blocks = "\n".join(re.findall(r"^ *```\w*\n(.*?)^ *```", text, flags=re.M | re.S)).splitlines()
    for line in [*blocks, *re.findall(r"`(karyokit [^`\n]+)`", text)]:
        if found := re.match(r"\s*(karyokit [a-z].*)", line.split(" #")[0]):
            yield shlex.split(found.group(1))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_and_options_exist(page: Path, tree: dict[str, set[str]]) -> None:
    groups = {name.rpartition(" ")[0] for name in tree}
    for words in calls(page):
        name = " ".join(words[:3] if " ".join(words[:2]) in groups else words[:2])
        assert name in tree, f"{page.name}: {' '.join(words)}"
        wrong = [word for word in words[2:] if re.match(r"--?[a-z]", word) and word.partition("=")[0] not in tree[name] | {"--help"}]
        assert not wrong, f"{page.name}: {' '.join(words)}"


def test_the_search_finds_calls() -> None:
    found = [words for page in PAGES for words in calls(page)]
    assert ["karyokit", "reproduce", "arms", "--table", "5"] in found
    assert len(found) > 50


@pytest.mark.parametrize("name", ["commands", "models", "recipes", "exchange_formats", "data_sets", "figures", "benchmarks"])
def test_a_page_made_from_the_code_names_what_there_is(name: str, made: ModuleType, tree: dict[str, set[str]]) -> None:
    expected = {
        "commands": set(tree),
        "models": {path.stem for path in (ROOT / "src/karyokit/models").glob("*.json")},
        "recipes": {path.stem for path in (ROOT / "recipes").glob("*.toml")},
        "exchange_formats": {"coco", "labelme", "imagej", "ome-tiff", "label-image", "cellpose"},
        "data_sets": {"mfish", "gband_cells", "pommier"},
        "figures": {"karyokit evaluate mfish --split test"},
        "benchmarks": {path.name for path in (ROOT / "benchmarks").glob("*.py")},
    }
    page = made.PAGES[name]()
    assert not {word for word in expected[name] if word not in page}
    assert page.startswith("# ")


def test_pages_are_written_once_and_old_ones_removed(tmp_path: Path, made: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "PAGES", {"one": lambda: "# One"})
    (tmp_path / "old.md").write_text("# Old")
    made.write_pages(tmp_path)
    before = (tmp_path / "one.md").stat().st_mtime_ns
    made.write_pages(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["one.md"]
    assert (tmp_path / "one.md").stat().st_mtime_ns == before


def test_signs_that_would_end_a_cell_are_escaped(made: ModuleType) -> None:
    assert made.table(("a", "b"), [("x|y", 1)]) == "| a | b |\n| --- | --- |\n| x\\|y | 1 |"
    assert made.number(None) == ""
    assert made.number(0.12345) == "0.123"
