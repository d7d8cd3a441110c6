"""A finished session as a film: where one is in it, how fast it goes on, and what may be jumped to.

`Playback` is the clock, `Tape` keeps what was read and brings any instant back, `Outline` is what stands on the bar,
`Player` is what a screen watches. Two sessions are played together by `PairPlayer`, over one time of both.
"""
