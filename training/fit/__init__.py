"""The training run: what every model kind shares."""
