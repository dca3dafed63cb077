"""Learning from few examples of some types and many of others."""
