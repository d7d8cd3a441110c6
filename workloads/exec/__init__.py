"""Listens to a program of the user's: starts its command, keeps what it prints, ends it with all that it started."""
