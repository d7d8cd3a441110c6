"""Where a viewer's frames come from, live or finished, and how it speaks to the conductor."""
