"""Measuring a detector, per class: average precision by pycocotools, intervals by resampling."""
