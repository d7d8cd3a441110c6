"""Frames ↔ the five tables of a session and their Parquet files."""
