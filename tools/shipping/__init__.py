"""How the shipped weights are made: soft labels, composed views, labels of a teacher."""
