"""Whether verdicts are right: scripts whose bottleneck is known, and what is said of them."""
