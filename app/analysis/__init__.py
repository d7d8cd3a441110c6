"""What a saved session says: its tables, and everything that is worked out from them. The only room that pays for Polars."""
