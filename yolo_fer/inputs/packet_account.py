"""Whether as much decoded of a video as its container and its packets announce."""

from __future__ import annotations

from typing import Any

# Formats whose headers have the number of frames, counted by their writer, or the duration.
_AVI = "avi"
_COUNTED = ("mov,mp4,m4a,3gp,3g2,mj2", _AVI)
_TIMED = ("matroska,webm", "flv", "asf")
_VP8_SHOWN = 0x10  # RFC 6386, 9.1
_LEAST_PACKET = 12  # bytes; MPEG-4 marks by smaller ones that the frame came before
_SPARE_S = 0.2


class PacketAccount:
    """Counts what the packets of an open video announce.

    Args:
        container: PyAV's open container.
        stream: the video stream that is decoded.

    Attributes:
        packets: the number of packets, of all streams together.
        is_interlaced: whether a frame may have come in two packets.
    """

    def __init__(self, container: Any, stream: Any) -> None:
        self._index = stream.index
        name = container.format.name
        self._claimed_frames = stream.frames if name in _COUNTED else 0
        self._is_avi = name == _AVI
        timed = name in _TIMED and container.duration
        self._claimed_s = container.duration / 1e6 if timed else 0.0
        self._is_vp8 = stream.codec_context.name in ("vp8", "libvpx")
        self._met = 0
        self._shown = 0
        self._has_key = False
        self._end_s = 0.0
        self._longest_s = 0.0
        self.packets = 0
        self.is_interlaced = False

    def count(self, packet: Any) -> None:
        """Count one packet of any stream."""
        self.packets += packet.size > 0
        if packet.pts is not None and packet.time_base:
            length_s = float((packet.duration or 0) * packet.time_base)
            self._longest_s = max(self._longest_s, length_s)
            self._end_s = max(self._end_s, float(packet.pts * packet.time_base) + length_s)
        if packet.stream_index != self._index or packet.dts is packet.pts is None:
            return
        self._met += 1
        if self._is_avi and packet.pts is not None:
            # A frame that only repeats the one before may have a chunk without data, which is no
            # packet, but counts in the time stamps. At the end it looks like one that is lost.
            self._met = max(self._met, packet.pts + 1)
        # What comes before the first key frame, as where a recording begins, cannot be decoded.
        self._has_key |= packet.is_keyframe
        is_hidden = self._is_vp8 and packet.size and not bytes(packet)[0] & _VP8_SHOWN
        if self._has_key and packet.size >= _LEAST_PACKET and not (packet.is_discard or is_hidden):
            self._shown += 1

    def missing(self, decoded: int) -> str | None:
        """Return in words what did not decode, None if nothing is missing.

        Args:
            decoded: the number of frames that were decoded.
        """
        if self._met < self._claimed_frames:
            return f"the file announces {self._claimed_frames} and holds {self._met}"
        if decoded < self._shown and not self.is_interlaced:
            return f"{self._shown} were coded"
        if self._end_s + 2 * self._longest_s + _SPARE_S < self._claimed_s:
            return f"the file announces {self._claimed_s:.1f} s and ends after {self._end_s:.1f} s"
        return None
