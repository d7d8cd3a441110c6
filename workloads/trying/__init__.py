"""What can be done to a run while it goes on: experiments beside it, a profile of some steps, another setting."""
