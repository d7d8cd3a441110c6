"""Sums of stretches of time, for first pictures of large sessions: `rollups.parquet`, always made of the tables."""
