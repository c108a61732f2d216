"""Where predictions go: files, folders and a window, with one protocol."""

from yolo_fer.outputs.annotated_images import AnnotatedImageSink
from yolo_fer.outputs.annotated_video import AnnotatedVideoSink
from yolo_fer.outputs.face_crops import FaceCropSink
from yolo_fer.outputs.sink import Sink
from yolo_fer.outputs.text import CsvSink, JsonLinesSink
from yolo_fer.outputs.timeline_sink import TimelineSink
from yolo_fer.outputs.track_summary import SummarySink
from yolo_fer.outputs.window import WindowSink

__all__ = [
    "AnnotatedImageSink",
    "AnnotatedVideoSink",
    "CsvSink",
    "FaceCropSink",
    "JsonLinesSink",
    "Sink",
    "SummarySink",
    "TimelineSink",
    "WindowSink",
]
