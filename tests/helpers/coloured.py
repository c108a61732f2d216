"""A picture of two colours, as pixels and as a file."""

from __future__ import annotations

import cv2
import numpy as np

PIXELS = np.full((60, 80, 3), (51, 102, 204), np.uint8)  # blue, green, red
PIXELS[:20, :30] = (0, 0, 250)
PNG = cv2.imencode(".png", PIXELS)[1].tobytes()
