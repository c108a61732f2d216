"""Which forms are read."""

from __future__ import annotations

import pytest

pytest.importorskip("python_multipart")

from yolo_fer.web.forms import charset_objection


@pytest.mark.parametrize(
    ("content_type", "is_read"),
    [
        ("", True),
        ("image/jpeg", True),
        ("application/json; charset=undefined", True),  # no form
        ("multipart/form-data; boundary=b", True),
        ('multipart/form-data; boundary=b; charset="UTF-8"', True),
        ("multipart/form-data; boundary=b; charset=undefined", False),  # raises a UnicodeError
        ("multipart/form-data; boundary=b; charset=punycode", False),  # slow
        ("Multipart/Form-Data; Charset=idna; boundary=b", False),
        ("multipart/form-data; boundary=b; charset=nonsense", False),
        ("multipart/form-data; boundary=b; charset=\xff", False),
    ],
)
def test_a_form_names_no_charset_but_utf_8(content_type: str, is_read: bool) -> None:
    objection = charset_objection(content_type)
    assert (objection is None) == is_read
    assert is_read or "only utf-8" in str(objection)
