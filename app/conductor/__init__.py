"""The conductor: plan → processes → frames → journal. The only place that knows pids; it has no terminal."""
