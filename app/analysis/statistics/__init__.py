"""Statistics over samples and over repeats: intervals, steady state, early stopping, cautions.

scipy and numpy are slow to import: functions import them where they are needed.
"""
