"""`snakemake --report` of a built run: tables, figures and the page, each under a caption, in one file."""

from __future__ import annotations

import base64
import json
import re

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def page(built_once, tmp_path_factory):
    """The report of the built run, as text."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    built_once.build("--report", str(path))
    return path.read_text(encoding="utf-8")


def value_of(page, name):
    """A value that the report's own script holds."""
    (start,) = (match.end() for match in re.finditer(rf"^\s*var {name} = +(?=\{{)", page, re.M))
    return json.JSONDecoder().raw_decode(page, start)[0]


def test_it_holds_each_table_figure_and_the_page_as_they_are(built_once, page):
    files = {
        *built_once.run_folder.glob("tables/*.csv"),
        *built_once.run_folder.glob("figures/*.png"),
        built_once.run_folder / "report/index.html",
    }
    assert len(files) == 14
    results = value_of(page, "results")
    assert set(results) == {str(path.relative_to(built_once.folder)) for path in files}
    for name, result in results.items():
        assert (
            base64.b64decode(result["data_uri"].partition("base64,")[2])
            == (built_once.folder / name).read_bytes()
        ), name


def test_each_has_a_caption_of_its_own_a_category_and_labels(page):
    results = value_of(page, "results")
    assert all(len(result["caption"]) > 100 for result in results.values())
    assert len({result["caption"] for result in results.values()}) == len(results)
    assert {tuple(result["labels"]) for result in results.values()} == {("kind", "result")}
    categories = {name: sum(map(len, parts.values())) for name, parts in value_of(page, "categories").items()}
    assert categories == {"Poses": 5, "Shape sets": 2, "Reconstructions": 6, "Page": 1}
    assert "results of run <strong>small</strong>" in page


def test_it_works_without_a_network(page):
    assert not re.search(r"""<(?:script|link|img|iframe)[^>]+(?:src|href)=["']?(?:https?:)?//""", page)
