"""Frames in, the frozen view of one instant out."""
