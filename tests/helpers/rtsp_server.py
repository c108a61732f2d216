"""An RTSP camera, for the interpreter of the system: `python3 rtsp_server.py PORT`.

It needs Debian's python3-gi, gir1.2-gst-rtsp-server-1.0 and GStreamer's plug-ins.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

PIPELINE = (
    "( videotestsrc is-live=true pattern=ball "
    "! video/x-raw,format=I420,width=320,height=240,framerate=20/1 "
    "! jpegenc ! rtpjpegpay name=pay0 pt=26 )"
)

if __name__ == "__main__":
    Gst.init(None)
    if Gst.ElementFactory.find("jpegenc") is None:
        sys.exit("GStreamer's good plug-ins are missing")
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(PIPELINE)
    factory.set_shared(True)
    server = GstRtspServer.RTSPServer()
    server.set_service(sys.argv[1])
    server.get_mount_points().add_factory("/camera", factory)
    server.attach(None)
    GLib.MainLoop().run()
