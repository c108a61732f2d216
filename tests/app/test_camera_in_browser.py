"""The camera as its visitors see it: Chromium, with a fake camera that plays a real clip."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.browser import LOADED, Visitor, chromium
from tests.helpers.servers import Server

pytestmark = pytest.mark.slow


def test_a_camera_shows_boxes_bars_and_its_delay_and_can_be_stopped(visitor: Visitor) -> None:
    visitor.start_camera()
    page = visitor.page
    assert visitor.count_answers(4) >= 4
    assert page.locator("#camera-found .face").first.locator(".bar").count() == 7
    picture = page.locator("#camera-picture")
    assert picture.get_attribute("src").startswith("data:image/jpeg;base64,")
    delay = page.locator("#camera-found [data-own]").inner_text()
    assert 0 < int(delay.removesuffix(" ms")) < 5000
    # Stop stands below the picture, and takes nothing of it.
    button = page.get_by_role("button", name="Stop the camera")
    shown, below = picture.bounding_box(), button.bounding_box()
    assert below["y"] >= shown["y"] + shown["height"]
    button.press("Enter")
    page.get_by_text("The camera is off.").first.wait_for(timeout=LOADED)
    assert visitor.count_answers(1) == 0
    assert page.locator("#camera-found .figures").count() == 0
    visitor.start_camera()


def test_who_hears_the_page_is_told_what_the_camera_shows(visitor: Visitor) -> None:
    visitor.start_camera()
    visitor.page.wait_for_function(
        "/^\\d faces?: /.test(document.querySelector('#camera-said').textContent)", timeout=LOADED
    )
    names = visitor.page.locator("body").aria_snapshot()
    assert 'img "your camera, with a box around every face"' in names
    assert 'button "Full screen"' in names
    assert visitor.page.get_by_role("slider", name="Average the scores over").count() == 1
    assert visitor.page.locator("html").get_attribute("lang") == "en"


def test_a_camera_that_is_refused_or_absent_is_said_with_what_to_do(
    playwright: Any, server: Server
) -> None:
    faults = {
        "1": ("--deny-permission-prompts", (), "The camera was refused. Allow it for this page"),
        "0": ("--use-fake-ui-for-media-stream", ("camera",), "has no camera"),
    }
    for count, (argument, permissions, said) in faults.items():
        device = f"--use-fake-device-for-media-stream=device-count={count}"
        with chromium(playwright, device, argument) as browser:
            assert said in Visitor(browser, server, permissions=permissions).hear_what_is_wrong()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("throw new DOMException('', 'NotReadableError')", "another program has it"),
        ("throw new DOMException('odd', 'UnknownError')", "cannot be used (UnknownError: odd)"),
    ],
)
def test_a_camera_that_is_busy_is_said_and_can_be_started_later(
    visitor: Visitor, fault: str, said: str
) -> None:
    visitor.page.evaluate(
        f"""() => {{ window.open_camera = navigator.mediaDevices.getUserMedia;
        navigator.mediaDevices.getUserMedia = async () => {{ {fault}; }}; }}"""
    )
    assert said in visitor.hear_what_is_wrong()
    visitor.page.evaluate("() => { navigator.mediaDevices.getUserMedia = window.open_camera; }")
    visitor.start_camera()
    assert not visitor.page.get_by_role("alert").is_visible()


def test_a_page_that_may_have_no_camera_says_how_it_could(visitor: Visitor) -> None:
    """Browsers have no `mediaDevices` where a page comes from another computer without https."""
    visitor.page.evaluate(
        "() => Object.defineProperty(navigator, 'mediaDevices', { value: undefined })"
    )
    assert "https" in visitor.hear_what_is_wrong()


def test_a_camera_that_goes_away_is_said(visitor: Visitor) -> None:
    visitor.start_camera()
    visitor.page.evaluate(
        """() => document.querySelector('#camera-video').srcObject.getVideoTracks()[0]
        .dispatchEvent(new Event('ended'))"""
    )
    assert "went away" in visitor.page.get_by_role("alert").inner_text()


def test_no_request_leaves_this_computer(visitor: Visitor, server: Server) -> None:
    visitor.start_camera()
    for tab in ("Images", "Videos", "Camera"):
        visitor.page.get_by_role("tab", name=tab).click()
        visitor.page.wait_for_timeout(500)
    ours = (server.url, "data:", "blob:")
    assert [url for url in visitor.asked if not url.startswith(ours)] == []
    assert len(visitor.asked) > 10
