"""What a detector, or a two-stage system, says of an image. One object per image or frame."""

from yolo_fer.results.face import FacePrediction, boxes_of
from yolo_fer.results.limits import MAX_FACES, check_max_faces, warn_of_left_out
from yolo_fer.results.prediction import Prediction, Predictor, Speed
from yolo_fer.results.result import Result
from yolo_fer.results.scores import Probabilities, emotion_probabilities, face_scores
from yolo_fer.results.table import to_df

__all__ = [
    "MAX_FACES",
    "FacePrediction",
    "Prediction",
    "Predictor",
    "Probabilities",
    "Result",
    "Speed",
    "boxes_of",
    "check_max_faces",
    "emotion_probabilities",
    "face_scores",
    "to_df",
    "warn_of_left_out",
]
