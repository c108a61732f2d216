"""The page of `yolo-fer app`: the visitor's camera, images and videos, in a browser."""
