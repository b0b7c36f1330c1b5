"""The privileged daemon: typed changes in, built and activated generations out."""
