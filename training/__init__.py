"""The worker's side: torch, models, training, inference. Knows no window."""
