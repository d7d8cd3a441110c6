"""The sampler: reads the devices and the host in a process of its own, because a driver can hang.

`python -P -m app.telemetry` is its command. It reads and reports; it never judges, keeps or draws.
"""
