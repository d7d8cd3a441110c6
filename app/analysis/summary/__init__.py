"""What a session measured, run by run, as numbers and as text."""
