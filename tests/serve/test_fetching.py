"""Images from URLs that somebody else wrote."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator

import pytest

from tests.helpers.answering import JSON, answers, grey
from tests.helpers.picture_host import PictureHost, picture_host
from tests.helpers.predictors import BrightnessPredictor
from yolo_fer.serve.fetching import Fetcher, FetchError
from yolo_fer.serve.limits import RequestLimits
from yolo_fer.serve.public_addresses import is_public

PUBLIC, PRIVATE = "93.184.215.14", "10.0.0.1"
NOT_PUBLIC = "its host has no public address"


@pytest.fixture(scope="module")
def host() -> Iterator[PictureHost]:
    with picture_host() as host:
        yield host


class Names:
    """A resolver in which every name leads to this computer, unless told otherwise."""

    def __init__(self, **known: list[list[str]]) -> None:
        self.known = known
        self.resolved: list[str] = []

    async def __call__(self, name: str, port: int) -> list[str]:
        self.resolved.append(name)
        label = name.partition(".")[0]
        if label not in self.known:
            return ["127.0.0.1"]
        answers = self.known[label]
        return answers.pop(0) if len(answers) > 1 else answers[0]


def trusting(names: Names | None = None, timeout: float = 5) -> Fetcher:
    """Takes this computer for the public internet, and all else as it is."""

    def allows(address: str) -> bool:
        return address == "127.0.0.1" or is_public(address)

    return Fetcher(200_000, timeout, names or Names(), allows)


def fetch(fetcher: Fetcher, url: str) -> bytes:
    return asyncio.run(fetcher.fetch(url))


def test_a_picture_is_fetched_under_the_name_of_its_host(host: PictureHost) -> None:
    url = f"http://pictures.example:{host.port}/grey/70?größe=1&a b"
    assert fetch(trusting(), url) == grey(70)
    assert host.asked[-1] == (
        "/grey/70?gr%C3%B6%C3%9Fe=1&a%20b",
        f"pictures.example:{host.port}",
    )


def test_the_address_that_was_checked_is_the_one_that_is_asked(host: PictureHost) -> None:
    """A name whose address changes after the check gains nothing: it is resolved once."""
    names = Names(rebinding=[["127.0.0.1"], [PRIVATE]])
    assert fetch(trusting(names), f"http://rebinding.example:{host.port}/grey/5") == grey(5)
    assert names.resolved == ["rebinding.example"]


@pytest.mark.parametrize(
    "addresses",
    [[PRIVATE], ["127.0.0.1", PRIVATE], ["::ffff:10.0.0.1"], ["169.254.169.254"], ["::1"], []],
)
def test_a_host_with_any_address_that_is_not_public_is_not_asked(
    host: PictureHost, addresses: list[str]
) -> None:
    before = len(host.asked)
    with pytest.raises(FetchError, match=NOT_PUBLIC) as caught:
        fetch(trusting(Names(inner=[addresses])), f"http://inner.example:{host.port}/grey/5")
    assert len(host.asked) == before
    assert not any(address in str(caught.value) for address in addresses)


@pytest.mark.parametrize(
    "name", ["localhost", "127.0.0.1", "127.1", "0x7f000001", "2130706433", "[::1]",
             "[::ffff:127.0.0.1]", "0", "no.such.invalid"]
)  # fmt: skip
def test_this_computer_is_not_the_public_internet_however_it_is_written(
    host: PictureHost, name: str
) -> None:
    before = len(host.asked)
    with pytest.raises(FetchError, match=NOT_PUBLIC):
        fetch(Fetcher(200_000, 5), f"http://{name}:{host.port}/grey/5")
    assert len(host.asked) == before


def test_redirects_are_followed_and_checked_again(host: PictureHost) -> None:
    base = f"http://pictures.example:{host.port}"
    assert fetch(trusting(), f"{base}/to?/grey/9") == grey(9)
    assert fetch(trusting(), f"{base}/to?http://other.example:{host.port}/grey/8") == grey(8)
    names = Names(inner=[[PRIVATE]])
    for target in ("http://inner.example/grey/5", "//inner.example/grey/5"):
        with pytest.raises(FetchError, match=NOT_PUBLIC):
            fetch(trusting(names), f"{base}/to?{target}")
    for target in ("file:///etc/passwd", "ftp://pictures.example/a", "gopher://a", "data:,x"):
        with pytest.raises(FetchError, match="begins with https:// or http://"):
            fetch(trusting(), f"{base}/to?{target}")
    with pytest.raises(FetchError, match="redirects more than 5 times"):
        fetch(trusting(), f"{base}/to?/to?/to?/to?/to?/to?/grey/1")


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/missing", "status 404"),
        ("/large", "more than 0.2 MB"),
        ("/large-without-length", "more than 0.2 MB"),
        ("/cut-short", "cannot be fetched"),
        ("/compressed", "compressed"),
        ("/nonsense", "cannot be fetched"),
        ("/nothing", "cannot be fetched|closes the connection"),
        ("/to?http://[bad/", "this is no URL|cannot be fetched"),
    ],
)
def test_what_is_not_a_whole_small_file_is_refused(host: PictureHost, path: str, why: str) -> None:
    with pytest.raises(FetchError, match=why) as caught:
        fetch(trusting(), f"http://pictures.example:{host.port}{path}")
    assert str(caught.value).startswith("http://pictures.example")


def test_a_host_that_drips_has_no_more_time_than_others(host: PictureHost) -> None:
    start = time.monotonic()
    with pytest.raises(FetchError, match=r"no answer within 0\.3 seconds"):
        fetch(trusting(timeout=0.3), f"http://pictures.example:{host.port}/drip")
    assert time.monotonic() - start < 2


def test_a_host_that_does_not_speak_tls_is_no_https_host(host: PictureHost) -> None:
    with pytest.raises(FetchError, match="cannot be fetched"):
        fetch(trusting(), f"https://pictures.example:{host.port}/grey/1")


def test_nobody_listens() -> None:
    with pytest.raises(FetchError, match="cannot be fetched"):
        fetch(trusting(), "http://pictures.example:1/grey/1")


@pytest.mark.parametrize(
    "url",
    ["", "photo.jpg", "//host/a", "ftp://host/a", "file:///etc/passwd", "http://", "http:///a",
     "http://host:99999/a", "http://[::1/a", "http://me:secret@host/a", "http://me@host/a",
     "http://a b/c", "http://host\n.example/a", "http://" + "a" * 300 + "/"],
)  # fmt: skip
def test_what_is_no_url_of_an_image(url: str) -> None:
    with pytest.raises(FetchError) as caught:
        fetch(Fetcher(200_000, 2), url)
    assert "secret" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_list_of_urls_has_an_answer_for_each_in_order(host: PictureHost) -> None:
    base = f"http://pictures.example:{host.port}"
    urls = [
        f"{base}/grey/60",
        f"{base}/missing",
        "ftp://x/y",
        f"{base}/compressed",
        f"{base}/grey/50",
    ]
    urls.insert(2, f"{base}/to?/grey/40")
    with answers(BrightnessPredictor(), RequestLimits(urls=6), fetcher=trusting()) as server:
        answer = server.predict(json.dumps({"urls": urls}), JSON)
        assert answer.status == 200
        lines = answer.json
        assert [line["source"] for line in lines] == urls
        assert ["error" in line for line in lines] == [False, True, False, True, True, False]
        scores = [line["faces"][0]["scores"]["anger"] for line in lines if line["faces"]]
        assert scores == pytest.approx([60 / 255, 40 / 255, 50 / 255], abs=0.01)
        too_many = server.predict(json.dumps({"urls": urls + urls}), JSON)
        assert (too_many.status, too_many.reason) == (413, "too_many_urls")
        assert server.metric("yolo_fer_held_bytes") == 0
        assert server.metric('yolo_fer_images_total{outcome="not_fetched"}') == 3
