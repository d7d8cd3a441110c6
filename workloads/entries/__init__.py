"""The tables of the catalogue: what can be run, by kind. Standard library and msgspec only, no workload is imported."""
