"""Models: what turns texts into vectors and, offline, what makes those models ready to serve."""

import os

# Read when the library is imported, which else tells its makers how it is used, over the network.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
