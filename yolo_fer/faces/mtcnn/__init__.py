"""MTCNN: three small networks, each looking closer at what the one before it found."""
