"""The site of the documents: it builds strictly, and reads nothing from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.pages import ROOT
from tools.docs_site import moved_links

BUILT = {
    "index.html": "trains for two minutes",
    "predict/index.html": "probabilities",
    "reference/index.html": "trust_weights",
    "datasets/index.html": "label.lst",
    "weights/index.html": "What it cannot do",
    "CONTRIBUTING/index.html": "Imports point from lower lines to upper ones",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return out


@pytest.mark.slow
def test_each_page_of_the_repository_is_there(site: Path) -> None:
    for name, words in BUILT.items():
        assert words in (site / name).read_text("utf-8"), name


@pytest.mark.slow
def test_a_page_loads_nothing_from_another_server(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 15
    for page in pages:
        text = page.read_text("utf-8")
        loaded = re.findall(r"<(?:script|img|iframe|source)\b[^>]*\bsrc=\"([^\"]+)", text)
        loaded += [
            re.search(r"href=\"([^\"]+)", link)[1]
            for link in re.findall(r"<link\b[^>]*>", text)
            if not re.search(r"rel=\"(canonical|next|prev)", link)
        ]
        elsewhere = [url for url in loaded if re.match(r"(https?:)?//", url)]
        assert not elsewhere, page
    for style in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//", style.read_text("utf-8")), style


@pytest.mark.parametrize(
    ("page", "link", "expected"),
    [
        ("docs/speed.md", "../weights/README.md#uses", "weights/README.md#uses"),
        ("docs/speed.md", "predict.md", "predict.md"),
        ("weights/README.md", "../docs/speed.md", "../speed.md"),
        ("weights/README.md", "classifiers.md", "classifiers.md"),
        ("CONTRIBUTING.md", "docs/speed.md", "speed.md"),
        ("CONTRIBUTING.md", "https://example.com/docs/a.md", "https://example.com/docs/a.md"),
        ("docs/speed.md", "#memory", "#memory"),
    ],
)
def test_a_link_of_the_repository_leads_to_the_same_page_of_the_site(
    page: str, link: str, expected: str
) -> None:
    assert moved_links(f"See [it]({link}).", page) == f"See [it]({expected})."
