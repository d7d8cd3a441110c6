"""Frames → windows: the numbers of each run over its last seconds, and over all that it measured.

Memory does not grow with the length of a session. What makes no sense is left out.
"""
