"""What runs took from the wall, accelerator by accelerator and host by host."""
