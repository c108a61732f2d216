from __future__ import annotations

import pytest

from yolo_fer.weights.entry import Release


@pytest.mark.parametrize("url", ["http://example.org/a.pt", "ftp://example.org/a.pt", "/a.pt"])
def test_an_address_that_is_not_https_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        Release(url)
