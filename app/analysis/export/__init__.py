"""What other programs read, made of a session: one module a format, each reading what `app.analysis.load` gives."""
