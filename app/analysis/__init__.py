"""What a saved session says: its tables, and all that is worked out from them. The only room that pays for Polars."""
