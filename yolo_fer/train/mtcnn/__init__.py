"""MTCNN with an expression head (Xiang and Zhu 2017): training it, and predicting with it."""
