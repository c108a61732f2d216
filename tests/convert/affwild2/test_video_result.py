from __future__ import annotations

import json
from dataclasses import replace

from yolo_fer.convert.affwild2.video_result import VideoOrigin, VideoResult
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.dataset.fingerprint import Fingerprint
from yolo_fer.dataset.ledger import DroppedRow
from yolo_fer.dataset.samples import Box, Face
from yolo_fer.emotions import Emotion

ORIGIN = VideoOrigin("affwild2", "v/1", "batch1/ü \udcff.mp4", "ab" * 32, "1", "val")
FACES = (Face(Box(1.25, 2, 30, 40), Emotion.ANGER), Face(Box(50, 2, 80, 40), None))
SAMPLE = ORIGIN.sample(31, (480, 360), FACES, ("clipped",))
RESULT = VideoResult(
    ORIGIN,
    ((SAMPLE, Fingerprint("cd" * 32, "ef" * 32)),),
    rows_in=40,
    clipped=1,
    dropped=(DroppedRow(2, "labels/1.txt", DropReason.STRIDE, "39 of these lines", 39, 40),),
    warnings=("it is odd",),
)


def test_the_result_of_a_video_comes_back_from_a_journal_as_it_was() -> None:
    assert VideoResult.from_json(json.loads(json.dumps(RESULT.to_json()))) == RESULT
    empty = replace(RESULT, images=(), dropped=(), warnings=())
    assert VideoResult.from_json(json.loads(json.dumps(empty.to_json()))) == empty


def test_a_frame_is_named_by_its_label_line_in_the_folder_of_its_video() -> None:
    assert (SAMPLE.name, SAMPLE.frame) == ("v/1/00031", 31)
    assert (SAMPLE.source_file, SAMPLE.group, SAMPLE.split) == (ORIGIN.file, "1", "val")
    assert (SAMPLE.width, SAMPLE.height) == (480, 360)
