"""Where predictions go: files, folders and a window, behind one protocol."""

from yolo_fer.sinks.annotated_images import AnnotatedImageSink
from yolo_fer.sinks.annotated_video import AnnotatedVideoSink
from yolo_fer.sinks.face_crops import FaceCropSink
from yolo_fer.sinks.sink import Sink
from yolo_fer.sinks.text import CsvSink, JsonLinesSink
from yolo_fer.sinks.timeline import TimelineSink
from yolo_fer.sinks.track_summary import SummarySink
from yolo_fer.sinks.window import WindowSink

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
