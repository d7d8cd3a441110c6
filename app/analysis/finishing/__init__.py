"""A session's journal → its tables and manifest, at its end and while it goes on."""
