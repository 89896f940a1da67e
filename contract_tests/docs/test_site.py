"""The site as built: every link leads somewhere, no other host is asked, and a browser finds nothing amiss."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import jsonschema_rs
import pytest
from docs.browser import CHROMIUM, Browser, opened
from openreturns._schemas import DOCUMENTS, bundle, folder, transitions, versions
from openreturns_codegen.site.catalog import SCHEMA, catalog

pytestmark = pytest.mark.site

ROOT = folder().parents[1]
SITE = ROOT / "build" / "site"
PAGES = sorted(SITE.rglob("*.html"))

# What a browser fetches by itself; a link is followed by a person only.
FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href", "object": "data"}
SIZES = {"desktop": (1280, 900, False), "phone": (390, 844, True)}


class Page(HTMLParser):
    """What a page can be linked to by, what it links to, and what it has fetched."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.fetched: set[str] = set()
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if said.get("id"):
            self.ids.add(str(said["id"]))
        if tag == "a" and said.get("href"):
            self.links.add(str(said["href"]))
        if tag in FETCHED and said.get(FETCHED[tag]):
            self.fetched.add(str(said[FETCHED[tag]]))


READ = {path: Page(path) for path in PAGES}


def ends(path: Path, targets: set[str]) -> Iterator[tuple[str, Path, str]]:
    """Yield every target inside the site with its file and the place in it."""
    for target in targets:
        parts = urlsplit(target)
        if not parts.scheme and not parts.netloc:
            file = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            yield target, file, unquote(parts.fragment)


def test_it_is_built() -> None:
    assert PAGES, "run `make site` first"


def test_every_link_and_every_place_in_a_page_resolves() -> None:
    dead = [
        f"{path.relative_to(SITE)}: {target}"
        for path, page in READ.items()
        for target, file, place in ends(path, page.links | page.fetched)
        if not file.is_file() or (place and place not in READ[file].ids)
    ]
    assert dead == []


def test_no_page_fetches_from_another_host() -> None:
    strange = [
        f"{path.relative_to(SITE)}: {target}"
        for path, page in READ.items()
        for target in page.fetched
        if urlsplit(target).netloc
    ]
    styles = [path for path in SITE.rglob("*.css") if "url(http" in path.read_text("utf-8").replace('"', "")]
    assert strange + styles == []


def test_every_page_is_reached_from_the_first() -> None:
    seen, todo = set(), [SITE / "index.html"]
    while todo:
        path = todo.pop()
        if path in READ and path not in seen:
            seen.add(path)
            todo += [file for _, file, _ in ends(path, READ[path].links)]
    assert {path.name for path in set(PAGES) - seen} <= {"search.html", "genindex.html", "py-modindex.html"}


def test_the_catalogue_beside_the_pages_is_that_of_now_and_its_files_are_there() -> None:
    told = json.loads((SITE / "catalog.json").read_bytes())
    assert told == catalog(ROOT)
    jsonschema_rs.validator_for(json.loads((SITE / SCHEMA.name).read_bytes())).validate(told)
    for version in told["versions"]:
        for name, files in version["files"].items():
            for form, file in files.items():
                assert "$id" in json.loads((SITE / file).read_bytes()), (name, form)


@pytest.mark.parametrize("version", versions())
def test_the_schemas_are_there_as_published_and_in_one_file(version: str) -> None:
    published = {path.relative_to(folder(version)): path for path in folder(version).rglob("*") if path.is_file()}
    for below, path in published.items():
        assert (SITE / "schemas" / version / below).read_bytes() == path.read_bytes()
    for name in DOCUMENTS:
        assert json.loads((SITE / "bundled" / version / f"{name}.schema.json").read_bytes()) == bundle(
            name, version=version
        )


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_has_a_place_for_every_field_and_its_transitions_drawn(name: str) -> None:
    told = next(one for one in catalog(ROOT)["documents"] if one["name"] == name)
    page = READ[SITE / "model" / f"{name}.html"]
    assert len([one for one in page.ids if one.startswith("field-")]) == len(told["fields"])
    text = (SITE / "model" / f"{name}.html").read_text("utf-8")
    picture = text.partition("<svg role=")[2].partition("</svg>")[0]
    states = {state for step in transitions()[name]["transitions"] for state in (step["from"], step["to"])}
    assert [state for state in states if f">{state}<" not in picture] == []


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("no Chromium is installed: the pages are not looked at in a browser")
    with opened(tmp_path_factory.mktemp("profile")) as there:
        yield there


def look(browser: Browser, path: Path, size: str, scheme: str, query: str = "") -> None:
    """Open a page, and hold that nothing is complained of, fetched elsewhere, or wider than the screen."""
    width, height, mobile = SIZES[size]
    browser.open(f"{path.as_uri()}{query}", width=width, height=height, scheme=scheme, mobile=mobile)
    at = f"{path.relative_to(SITE)} at {size} width, {scheme}"
    assert browser.complaints == [], at
    assert [one for one in browser.requests if urlsplit(one).scheme not in ("file", "data")] == [], at
    assert browser.ask("document.documentElement.scrollWidth") <= width, at


_AMISS = """<!doctype html><title>amiss</title><div style="width: 3000px">wide</div>
<img src="http://127.0.0.1:9/picture.png"><script>console.error("a complaint"); nothing.there</script>"""


def test_a_browser_would_tell_what_is_amiss(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "amiss.html").write_text(_AMISS)
    browser.open((tmp_path / "amiss.html").as_uri(), width=390, height=844, scheme="light", mobile=True)
    told = json.dumps(browser.complaints)
    assert "a complaint" in told
    assert "nothing is not defined" in told
    assert "http://127.0.0.1:9/picture.png" in browser.requests
    assert browser.ask("document.documentElement.scrollWidth") > 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_a_browser_finds_nothing_amiss(browser: Browser, size: str, scheme: str) -> None:
    for path in PAGES:
        look(browser, path, size, scheme)


_BRIGHTNESS = """
(() => {
  const bright = colour => colour.match(/[\\d.]+/g).slice(0, 3).reduce((sum, one) => sum + Number(one), 0) / 765;
  const of = selector => getComputedStyle(document.querySelector(selector));
  return [bright(of('body').backgroundColor), bright(of('h1').color), bright(of('.diagram path').stroke)];
})()
"""


@pytest.mark.parametrize("size", SIZES)
def test_words_and_pictures_stand_out_in_both_colour_schemes(browser: Browser, size: str) -> None:
    look(browser, SITE / "model" / "return.html", size, "light")
    ground, words, lines = browser.ask(_BRIGHTNESS)
    assert ground - words > 0.6
    assert ground - lines > 0.6
    look(browser, SITE / "model" / "return.html", size, "dark")
    ground, words, lines = browser.ask(_BRIGHTNESS)
    assert words - ground > 0.6
    assert lines - ground > 0.6


_FOUND = """
new Promise(found => {
  const look = () => {
    const hits = [...document.querySelectorAll('#search-results li a')].map(one => one.getAttribute('href'));
    hits.length ? found(hits) : setTimeout(look, 50);
  };
  look();
})
"""


@pytest.mark.parametrize(
    ("words", "page"),
    [
        ("restockingPolicy", "model/return.html"),
        ("RT1", "model/rules.html"),
        ("dead letters", "guides/process.html"),
        ("netsuite", "adapters/netsuite.html"),
        ("OutcomeUnknownError", "reference/openreturns.errors.html"),
    ],
)
def test_a_search_finds_without_a_server(browser: Browser, words: str, page: str) -> None:
    look(browser, SITE / "search.html", "phone", "light", f"?q={words.replace(' ', '+')}")
    assert any(hit.partition("#")[0].partition("?")[0] == page for hit in browser.ask(_FOUND))
    assert browser.complaints == []
