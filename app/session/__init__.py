"""The session: its folder, journal, plan, manifest, and the frozen view of one instant. No torch, Textual or Polars."""
