"""A session in numbers as monitoring systems take them: named after Prometheus' conventions, in base units.

The sums are made of frames while it goes on, and of tables afterwards (`app.analysis.export`); both become the same
metrics here. Standard library and msgspec only.
"""
