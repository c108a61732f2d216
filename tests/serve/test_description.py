"""What the address says of itself, for people and for programs."""

from __future__ import annotations

import re

from tests.helpers.answering import Answering
from yolo_fer.emotions import EMOTION_NAMES
from yolo_fer.serve.description import ImageAnswer


def test_the_answer_has_the_shape_that_the_description_promises(
    server: Answering, picture: bytes
) -> None:
    answer = ImageAnswer.model_validate_json(server.predict(picture).body)
    assert set(answer.faces[0].scores) == set(EMOTION_NAMES)


def test_the_page_loads_nothing_and_says_everything(server: Answering) -> None:
    for path in ("/", "/docs"):
        answer = server.ask("GET", path)
        assert answer.status == 200
        page = answer.body.decode()
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert not re.findall(r"<(?:script|link|img|iframe|object|embed)|@import|url\(", page)
        assert set(re.findall(r"""href=["']?([^"' >]+)""", page)) == {"openapi.json"}
        for word in (
            "POST /predict",
            "multipart/form-data",
            "413",
            "probabilities",
            "curl --data",
        ):
            assert word in page


def test_the_description_for_programs_names_every_answer(server: Answering) -> None:
    schema = server.ask("GET", "/openapi.json").json
    predict = schema["paths"]["/predict"]["post"]
    assert set(predict["responses"]) >= {"200", "400", "401", "413", "415", "422", "429", "503"}
    assert set(predict["requestBody"]["content"]) == {
        "image/*", "multipart/form-data", "application/json"
    }  # fmt: skip
    assert schema["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert set(schema["paths"]) == {"/predict", "/healthz", "/metrics"}
