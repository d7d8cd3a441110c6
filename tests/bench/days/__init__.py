"""A run of days at 1,000 steps a second on a simulated clock: `python -m tests.bench.days [HOURS]`.

A real conductor over a worker that sends hours of frames as fast as they are taken, its real rolling and finishing, and
a viewer's object that follows. All of them go by the clock of the frames: the conductor looks for verdicts at every
simulated second, as it does at every real one.
"""
