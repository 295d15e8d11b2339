"""Every figure the README states, one command each."""
