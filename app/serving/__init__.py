"""The live screen in a browser: a page of textual-serve around one viewer process for each visitor."""
