"""What runs and their repeats come to: metrics, variants, objectives, searches, comparisons."""
