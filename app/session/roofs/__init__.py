"""What a device and its link can do at most, and how near to it a run comes."""
