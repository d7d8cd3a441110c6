"""Drawing of two sessions side by side: what each panel compares, and the screen of all of them. Pure."""
