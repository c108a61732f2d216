"""Drawing one person who shows an expression."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from yolo_fer.dataset.samples import Box
from yolo_fer.emotions import Emotion
from yolo_fer.images import Image
from yolo_fer.synthetic.appearance import sample_person
from yolo_fer.synthetic.body import paint_body, paint_ears
from yolo_fer.synthetic.canvas import LEFT, TOP, Canvas, Mask, Pose
from yolo_fer.synthetic.expressions import sample_expression
from yolo_fer.synthetic.features import paint_brows, paint_eyes, paint_nose
from yolo_fer.synthetic.hair import paint_back_hair, paint_beard, paint_glasses, paint_hair
from yolo_fer.synthetic.head_shape import head_outline, paint_skin
from yolo_fer.synthetic.mouth import paint_mouth

# The square box of ExpW's convention in head coordinates.
_BOX_CENTRE = (0.0, 0.08)
BOX_SIDE = 1.76
_SUPERSAMPLING = 1.6
_MAX_SCALE = 150.0  # pixels per unit: a large face is smooth enough without more


@dataclass(frozen=True, slots=True)
class FacePicture:
    """A drawn person, from the hair to the shoulders.

    Args:
        image: the pixels, (height, width, 3) BGR.
        alpha: the opacity of the pixels, (height, width), 0 to 255.
        box: the face's square box in ExpW's convention, in pixels of `image`.
    """

    image: Image
    alpha: Mask
    box: Box


def draw_face(emotion: Emotion, rng: np.random.Generator, size: float) -> FacePicture:
    """Draw a person who shows an emotion; another one each time.

    Args:
        emotion: the emotion that the face shows.
        rng: the source of looks, pose, light and the strength of the expression.
        size: the side of the face's box, in pixels.
    """
    person = sample_person(rng)
    face = sample_expression(emotion, rng)
    pose = Pose(*(rng.normal(0.0, (0.13, 0.05, 0.09)).clip(-0.3, 0.3)).tolist())
    light = (float(rng.choice([-1.0, 1.0]) * rng.uniform(0.3, 1.0)), float(rng.uniform(0.3, 1.0)))
    gaze = (float(rng.normal(0.0, 0.08)), float(rng.normal(0.0, 0.03)))
    final_scale = size / BOX_SIDE
    canvas = Canvas(min(_SUPERSAMPLING * final_scale, max(final_scale, _MAX_SCALE)), pose)
    # what soft edges mix with, so that there is no halo
    canvas.image[:] = person.skin * 0.6 if person.hair_style == "bald" else person.hair
    canvas.image[round((1.2 - TOP) * canvas.scale) :] = person.cloth
    paint_back_hair(canvas, person, rng)
    paint_body(canvas, person, light[0])
    paint_ears(canvas, person)
    outline = head_outline(person, face, pose.yaw)
    canvas.show(outline)
    head = canvas.mask(outline)
    paint_skin(canvas, person, face, light, head)
    paint_beard(canvas, person, face, head)
    paint_nose(canvas, person, face, light[0])
    paint_mouth(canvas, person, face, head)
    paint_eyes(canvas, person, face, gaze, head)
    paint_brows(canvas, person, face, head)
    paint_hair(canvas, person, rng, outline)
    if person.glasses:
        paint_glasses(canvas, person)
    return _shrink(canvas, final_scale)


def _shrink(canvas: Canvas, scale: float) -> FacePicture:
    ratio = scale / canvas.scale
    size = max(round(canvas.width * ratio), 1), max(round(canvas.height * ratio), 1)
    image = cv2.resize(canvas.image, size, interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(canvas.alpha, size, interpolation=cv2.INTER_AREA)
    centre = np.array([[_BOX_CENTRE[0] + 0.06 * np.sin(canvas.pose.yaw), _BOX_CENTRE[1]]])
    middle = canvas.pose.lean(centre)
    x, y = ((middle - (LEFT, TOP)) * scale)[0]
    half = BOX_SIDE * scale / 2
    box = Box(float(x - half), float(y - half), float(x + half), float(y + half))
    return FacePicture(image, alpha, box)
