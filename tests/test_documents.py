import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"\]\(<?([^)\s>]+)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def without_code(text):
    return CODE.sub("", FENCED.sub("", text))


def links(text):
    """Targets of links and images, but for those outside the repository."""
    return [link for link in LINK.findall(without_code(text)) if not re.match(r"[a-z]+:", link)]


def anchors(text):
    """Headings as GitHub names them."""
    titles = HEADING.findall(FENCED.sub("", text))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def missing(document):
    """Links of a document that lead nowhere."""
    for link in links(document.read_text(encoding="utf-8")):
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        leads_there = target.exists() and (
            not anchor or anchor in anchors(target.read_text(encoding="utf-8"))
        )
        if not leads_there:
            yield link


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_relative_link_leads_somewhere(document):
    assert list(missing(document)) == []


def test_a_link_that_leads_nowhere_is_found(tmp_path):
    document = tmp_path / "page.md"
    (tmp_path / "there.png").touch()
    document.write_text(
        "# One, two\n![a](there.png) [b](#one-two) [c](https://example.org/) `[d](code.md)`\n"
        "```\n[e](code.md)\n```\n[f](page.md#three) ![g](gone.png) [h](gone.md#one)\n"
    )
    assert list(missing(document)) == ["page.md#three", "gone.png", "gone.md#one"]
