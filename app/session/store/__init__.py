"""What lies in a session's folder, and how it is written and read so that nothing is lost."""
