"""One colour for each emotion, in pictures, charts and on the page."""

from __future__ import annotations

from collections.abc import Mapping

from yolo_fer.emotions import Emotion

# The palette of Okabe and Ito (https://jfly.uni-koeln.de/color/), which people with any of the
# common colour-vision deficiencies can tell apart.
COLOURS: Mapping[Emotion, str] = {
    Emotion.ANGER: "#d55e00",
    Emotion.DISGUST: "#009e73",
    Emotion.FEAR: "#cc79a7",
    Emotion.HAPPINESS: "#f0e442",
    Emotion.SADNESS: "#0072b2",
    Emotion.SURPRISE: "#e69f00",
    Emotion.NEUTRAL: "#56b4e9",
}
"""Each emotion's colour as HTML, CSS and Matplotlib write it: #rrggbb."""

BGR: Mapping[Emotion, tuple[int, int, int]] = {
    emotion: (int(colour[5:7], 16), int(colour[3:5], 16), int(colour[1:3], 16))
    for emotion, colour in COLOURS.items()
}
"""Each emotion's colour as OpenCV draws it: blue, green and red, each 0 to 255."""
