"""The documentation says what is: its links lead somewhere, its example works, nothing numbered is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from handlers.messages import COMMANDS
from handlers.modules import RESOURCES
from locales.catalogue import load
from resources.checks import texts_of
from resources.registry import Registry, WrongDeclaration
from resources.resource import Op
from tests.support.recipe import recipe

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "docs" / "adding-a-module.md"
PAGES = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")))
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def prose(page: Path) -> str:
    """The page without its code blocks."""
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """The anchors that common hosts make of the headings."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
        for heading in HEADING.findall(prose(page))
    }


def broken(page: Path) -> Iterator[str]:
    for link in LINK.findall(prose(page)):
        if re.match(r"https?:|mailto:", link):
            continue
        file, _, anchor = unquote(link).partition("#")
        target = (page.parent / file).resolve() if file else page
        if not target.exists():
            yield f"{link}: no such file"
        elif anchor and anchor not in anchors(target):
            yield f"{link}: no such heading"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path):
    assert not list(broken(page))


def test_every_page_is_reached_from_the_readme():
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen:
            continue
        seen.add(page)
        links = (link.partition("#")[0] for link in LINK.findall(prose(page)))
        waiting += [(page.parent / link).resolve() for link in links if link.endswith(".md")]
    assert not [page.relative_to(ROOT).as_posix() for page in PAGES if page not in seen]


def test_pictures_are_small_and_all_used():
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    for picture in (ROOT / "docs" / "img").iterdir():
        assert picture.stat().st_size < 250_000, picture.name
        assert f"img/{picture.name})" in text, picture.name


def test_every_check_is_explained():
    numbers = set(re.findall(r"\bR\d{3}\b", (ROOT / "resources" / "checks.py").read_text(encoding="utf-8")))
    explained = set(re.findall(r"^\| (R\d{3}) \|", RECIPE.read_text(encoding="utf-8"), re.MULTILINE))
    assert explained == numbers


def test_every_command_is_named():
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert not [name for name in COMMANDS if f"`/{name}" not in text]


def test_files_that_are_named_exist():
    named = re.compile(
        r"`((?:api|config|docs|handlers|ingress|keyboards|locales|middlewares|models|resources|sandbox"
        r"|services|tests|utils|views)/[\w./-]+)`"
    )
    missing = {
        f"{page.name}: {path}"
        for page in PAGES
        for path in named.findall(prose(page))
        if not (ROOT / path).exists() and "notices" not in path
    }
    assert not missing


@pytest.mark.parametrize(("language", "column"), [("kk", 3), ("ru", 4)])
def test_terms_are_those_of_the_screens(language: str, column: int):
    found = load(ROOT / "locales")[language].texts.values()
    screens = " ".join(
        form for text in found for form in ((text,) if isinstance(text, str) else text)
    ).casefold()
    rows = (row.split("|") for row in (ROOT / "docs/glossary.md").read_text(encoding="utf-8").splitlines())
    terms = [
        term.strip()
        for row in rows
        if len(row) == 7 and "---" not in row[1]
        for term in row[column].split(",")
    ]
    unknown = [term for term in terms[1:] if term != "–" and term.casefold() not in screens]
    assert terms[0] == {"kk": "Қазақша", "ru": "Русский"}[language]
    assert not unknown


def test_decisions_are_numbered_without_gaps_and_whole():
    decisions = sorted((ROOT / "docs" / "adr").glob("0*.md"))
    assert [int(page.name[:4]) for page in decisions] == list(range(1, len(decisions) + 1))
    for page in decisions:
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"# {page.name[:4]}. ")
        parts = ("Context", "Decision", "Consequences", "Deviations")
        assert [f"**{part}.**" in text for part in parts] == [True] * 4, page.name


def test_the_example_joins_the_registry():
    example = recipe()
    registry = Registry((*RESOURCES, example.resource), example.catalogues())
    assert registry.by_code["no"] is example.resource
    # No text of the recipe is superfluous.
    assert example.texts.keys() <= texts_of(example.resource)


def test_the_example_without_its_texts_is_refused():
    resource = recipe().resource
    with pytest.raises(WrongDeclaration) as caught:
        Registry((resource,), {"en": ()})
    assert len(caught.value.problems) == len(texts_of(resource))


def test_the_example_has_what_a_module_may_have():
    resource = recipe().resource
    assert set(resource.needs) == set(Op) - {Op.MODERATE, Op.ACTION}
    assert resource.deeds
    assert resource.list.filters
    called = {name for names in resource.source.operations.values() for name in names}
    served = {
        f"{method} {route.path}" for route in recipe().group.router().routes for method in route.methods
    }
    assert called <= served
