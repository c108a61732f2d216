"""Why label rows and images are left out."""

from __future__ import annotations

from enum import StrEnum


class DropReason(StrEnum):
    """Why a label row or an image is left out, and whether `strict` conversions tolerate it.

    What the user chose and what the dataset is designed to hold is tolerated; what is broken or
    missing is not. What is left out because its file cannot be used has a `FileFault` as its
    reason, which is never tolerated.
    """

    tolerated: bool

    def __new__(cls, value: str, tolerated: bool = False) -> DropReason:
        """Make a member of its name in the ledger."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.tolerated = tolerated
        return member

    # The user's choice.
    LOW_SCORE = "low_score", True
    IMAGE_WITH_UNLABELLED_FACES = "image_with_unlabelled_faces", True
    STRIDE = "stride", True
    OVER_CAP = "over_cap", True
    BALANCE = "balance", True
    NOT_DRAWN_FOR_TEST = "not_drawn_for_test", True

    # What the dataset is designed to hold.
    NOT_ANNOTATED = "not_annotated", True
    OTHER_CLASS = "other_class", True
    NO_MAJORITY = "no_majority", True
    NO_CLEAR_LABEL = "no_clear_label", True
    PRIVATE_TEST = "private_test", True
    OPINIONS_DIFFER = "opinions_differ", True
    VOTES_CONTEMPT = "votes_contempt", True
    VOTES_NOT_A_FACE = "votes_not_a_face", True
    VOTES_UNKNOWN = "votes_unknown", True
    DUPLICATE_ROW = "duplicate_row", True
    # Nearly every label file of Aff-Wild2 has a line too many.
    MISSING_FRAME = "missing_frame", True

    # What no face finder and no rule can say for sure.
    NO_FACE = "no_face", True
    DOUBT = "doubt", True

    # What must not stand in two splits.
    GROUP_IN_OTHER_SPLIT = "group_in_other_split", True
    COPY_OF_ANOTHER_SPLIT = "copy_of_another_split", True
    FRAME_SHOWN_IN_VAL = "frame_shown_in_val", True
    FRAME_SHOWN_IN_TEST = "frame_shown_in_test", True
    MASKED_COPY_OF_TEST = "masked_copy_of_test", True

    # Bad label rows.
    MALFORMED_ROW = "malformed_row"
    NOT_A_NUMBER = "not_a_number"
    INVALID_BOX = "invalid_box"
    OUTSIDE_IMAGE = "outside_image"
    UNSAFE_PATH = "unsafe_path"
    UNKNOWN_LABEL = "unknown_label"
    BAD_LABEL = "bad_label"
    CONTRADICTORY_LABELS = "contradictory_labels"
    DUPLICATE_LABEL_FILE = "duplicate_label_file"
    UNKNOWN_USAGE = "unknown_usage"
    WRONG_PIXEL_COUNT = "wrong_pixel_count"
    BAD_PIXELS = "bad_pixels"
    BLANK_IMAGE = "blank_image"
    BAD_VOTES = "bad_votes"
    NO_VOTES = "no_votes"

    # Files that are missing, or not what they were.
    MISSING_CROP = "missing_crop"
    MISSING_BOX = "missing_box"
    MISSING_ANNOTATION = "missing_annotation"
    BAD_ANNOTATION = "bad_annotation"
    MISSING_LABEL = "missing_label"
    CHANGED_IMAGE = "changed_image"

    # Labels in YOLO's and COCO's files.
    NO_LABEL_FILE = "no_label_file"
    UNREADABLE_LABEL_FILE = "unreadable_label_file"
    WRONG_NUMBER_OF_COLUMNS = "wrong_number_of_columns"
    MALFORMED_ANNOTATION = "malformed_annotation"
    UNKNOWN_CLASS = "unknown_class"
    UNKNOWN_IMAGE = "unknown_image"
    OUT_OF_RANGE = "out_of_range"
    EMPTY_BOX = "empty_box"
    NOT_IN_COCO_FILE = "not_in_coco_file"


_TOLERATED = frozenset(reason for reason in DropReason if reason.tolerated)


def is_tolerated(reason: str) -> bool:
    """Return whether rows that are dropped for a reason are no bad input.

    Args:
        reason: a key of the ledger, also that of an image or a video that cannot be read.
    """
    return reason in _TOLERATED
