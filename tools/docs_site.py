"""What MkDocs needs beyond mkdocs.yml: pages that lie outside of docs/, and examples in docstrings.

The cards of the weights, the notes on datasets and CONTRIBUTING.md belong where they are: some are
in the wheel, and people look for the others there. In the site a page has its path in the
repository, but for a leading `docs/`. Links are written for the repository, and follow.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

import griffe
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
_OUTSIDE = ("CONTRIBUTING.md", "datasets/*.md", "weights/*.md", "weights/*.png", "weights/*.jpg")
_DOCS = "docs/"
_LINK = re.compile(r"\]\((?![a-z]+:|#)(?P<path>[^)#]+)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the files outside of docs/."""
    for path in sorted(path for pattern in _OUTSIDE for path in ROOT.glob(pattern)):
        name = path.relative_to(ROOT).as_posix()
        files.append(File.generated(config, name, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Make the links of a page lead to where the files are in the site."""
    outside = page.file.generated_by is not None
    return moved_links(markdown, page.file.src_uri if outside else _DOCS + page.file.src_uri)


def moved_links(markdown: str, page: str) -> str:
    """Return a page whose relative links are those of the site.

    Args:
        markdown: the page.
        page: its path in the repository.
    """
    here = posixpath.dirname(page.removeprefix(_DOCS))

    def moved(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(page), link["path"]))
        return f"]({posixpath.relpath(target.removeprefix(_DOCS), here or '.')}"

    return _LINK.sub(moved, markdown)


class Examples(griffe.Extension):
    """Shows `Example:` in a docstring as code; to Griffe only `Examples:` means that."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        if obj.docstring is not None:
            obj.docstring.value = obj.docstring.value.replace("\nExample:\n", "\nExamples:\n")
