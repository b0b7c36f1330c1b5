# OBS Studio: recording and streaming.
import ../../lib/program.nix { name = "obs-studio"; title = "OBS Studio"; }
