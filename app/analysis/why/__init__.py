"""What limited each run of a session."""
