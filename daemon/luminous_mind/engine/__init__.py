"""Models: what turns texts into vectors and, offline, what makes those models ready to serve."""
