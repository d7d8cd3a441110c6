"""Timings of benchtop itself, run by `make bench`. No claim of a test rests on them: machines are noisy."""
