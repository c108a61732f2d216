"""The HTTP API of `yolo-fer serve`: images in, the faces in them out as JSON."""
