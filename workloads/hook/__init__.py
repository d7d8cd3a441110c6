"""What listens in a program of the user's: standard library only, Python 3.9 and later, torch 2.4 and later."""
