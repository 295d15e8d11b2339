"""The worker: takes turns, delivers answers, goes on where another worker died."""
