"""Results as one pandas table: a row for each face."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from yolo_fer.emotions import EMOTION_NAMES
from yolo_fer.errors import UsageError, needs_extra

if TYPE_CHECKING:
    import pandas

    from yolo_fer.results.prediction import Prediction
    from yolo_fer.results.result import Result

_PLACE = {"source": "string", "frame": "Int64", "time_ms": "float64"}
_CORNERS = ("x1", "y1", "x2", "y2")
_TYPES = (
    _PLACE
    | dict.fromkeys(_CORNERS, "float64")
    | {"emotion": "string", "score": "float64"}
    | dict.fromkeys(EMOTION_NAMES, "float64")
    | {f"probability_{name}": "float64" for name in EMOTION_NAMES}
    | {"track": "Int64"}
)
"""Columns and their types, named as in the CSV files of the command line."""


def to_df(results: Iterable[Result]) -> pandas.DataFrame:
    """Return one `pandas.DataFrame` of many results: a row for each face.

    The columns are those of the command line's CSV files: `source`, `frame`, `time_ms`; `x1`, `y1`,
    `x2`, `y2` in pixels; `emotion`, `score`; `anger` to `neutral`, the scores; `probability_anger`
    to `probability_neutral`; `track`. `frame` and `track` are integers that may be missing. An
    image without faces, or one that could not be read, has no row.

    Args:
        results: the results of `detector.predict(…)` or `detector.stream(…)`; the pixels of a
            stream are not kept.

    Raises:
        MissingExtraError: if pandas is not installed.
        UsageError: if something among them is no result.

    Example:
        >>> from yolo_fer.results import FacePrediction, Prediction
        >>> face = FacePrediction((10, 20, 40, 60), (0, 0, 0, 0.75, 0, 0, 0.25))
        >>> table = to_df([Prediction("a.jpg", 64, 64, (face,)), Prediction("b.jpg", 64, 64)])
        >>> table[["source", "emotion", "probability_happiness"]].values.tolist()
        [['a.jpg', 'happiness', 0.75]]
    """
    with needs_extra("table", "a DataFrame"):
        import pandas
    rows = [row for result in results for row in _rows(_prediction(result))]
    return pandas.DataFrame(rows, columns=list(_TYPES)).astype(_TYPES)


def _prediction(result: Result) -> Prediction:
    from yolo_fer.results.result import Result

    if not isinstance(result, Result):
        raise UsageError(f"a table is made of results, not of {type(result).__name__}")
    return result.result


def _rows(prediction: Prediction) -> Iterator[tuple[Any, ...]]:
    place = (prediction.source, prediction.frame, prediction.time_ms)
    for face in prediction.faces:
        seen = (face.emotion.label, face.score, *face.scores, *face.probabilities)
        yield *place, *face.box, *seen, face.track
