"""Using a trained model: bundles, scores, heatmaps."""
