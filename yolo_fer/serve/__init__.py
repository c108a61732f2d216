"""The address of `yolo-fer serve`: images in over HTTP, the faces in them out as JSON."""
