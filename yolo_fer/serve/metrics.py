"""What the HTTP API counts, for Prometheus."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
_IMAGES = (1, 2, 4, 8, 16, 32, 64)


class ServerMetrics:
    """The counters of one server."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "yolo_fer_requests",
            "Requests that were answered, or broken off (status 499).",
            ("path", "status"),
            registry=self._registry,
        )
        self._faces = Counter("yolo_fer_faces", "Faces that were found.", registry=self._registry)
        self._images = Counter(
            "yolo_fer_images",
            "Images of answered requests, by what came of them.",
            ("outcome",),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "yolo_fer_seconds",
            "Where the time goes: receive, fetch, decode, wait and network of an image, "
            "and all of a request to /predict.",
            ("part",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._batches = Histogram(
            "yolo_fer_batch_images",
            "Images that the network was given at once; only a graphics card takes several.",
            buckets=_IMAGES,
            registry=self._registry,
        )
        self._queue = Gauge(
            "yolo_fer_queue_images", "Images in hand, decoded or not.", registry=self._registry
        )
        self._bytes = Gauge(
            "yolo_fer_held_bytes",
            "Bytes of images that were sent or fetched and are in hand.",
            registry=self._registry,
        )
        ProcessCollector(registry=self._registry)

    def watch(self, *, queue: Callable[[], int], held: Callable[[], int]) -> None:
        """Set the functions that return the length of the queue and the number of bytes held."""
        self._queue.set_function(queue)
        self._bytes.set_function(held)

    def took(self, part: str, seconds: float) -> None:
        """Note how long a part took: `receive`, `fetch`, `decode`, `wait`, `network`, `all`."""
        self._seconds.labels(part).observe(seconds)

    def ran_batch(self, images: int, seconds: float) -> None:
        """Note a run of the network; each of its images counts with its share of the time."""
        self._batches.observe(images)
        for _ in range(images):
            self.took("network", seconds / images)

    def answered(self, path: str, status: int) -> None:
        """Note the end of a request."""
        self._requests.labels(path, str(status)).inc()

    def found(self, faces: int) -> None:
        """Note an image in which so many faces were found."""
        self._images.labels("predicted").inc()
        self._faces.inc(faces)

    def failed(self, reason: str) -> None:
        """Note an image that could not be used."""
        self._images.labels(reason).inc()

    def page(self) -> bytes:
        """Return it all in Prometheus' text format."""
        return generate_latest(self._registry)
