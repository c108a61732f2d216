"""What a user names, to images and frames: files, videos, cameras, network streams."""
