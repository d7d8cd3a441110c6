"""Damaged and malicious journals, manifests and packs, a great many: each ends in a session or in one clear line."""
