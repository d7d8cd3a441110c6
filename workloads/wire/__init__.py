"""Frames and framing: the one room that both sides know. Standard library and msgspec only."""
