#!/bin/sh
# Makes the virtual environment .venv with exactly the locked packages and Luminous itself in it.
set -eu
python=${1:-/usr/bin/python3}
cd "$(dirname "$0")/.."

# The system's interpreter is the default because unprivileged users of the sandbox can run it;
# one below somebody's home directory they often cannot.
if ! version=$("$python" -c 'import sys; print(sys.version); sys.exit(sys.version_info < (3, 11))'); then
  echo "luminous: $python is not a Python of at least 3.11; name another: make PYTHON=/path/to/python3" >&2
  exit 1
fi

# One set-up at a time: two commands started together share one virtual environment.
mkdir -p build
exec 9>build/setup.lock
flock --nonblock 9 || { echo "luminous: waiting for another set-up of this checkout"; flock 9; }

# What the environment depends on. The path is part of it: a virtual environment cannot be moved.
key=$( (echo "$version"; pwd; cat pyproject.toml requirements/dev.txt setup/environment.sh) | sha256sum | cut -c 1-16)
if [ "$(cat .venv/luminous-set-up 2>/dev/null)" = "$key" ] && .venv/bin/python -c pass 2>/dev/null; then
  exit 0
fi

umask 022 # the sandbox's unprivileged users run these programs too
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
export PYTHONWARNINGS=ignore # how systemd-python is packaged is no concern of who runs this
# pip keeps what it compiled, so hnswlib is made for any processor of the last ten years, not for this.
export HNSWLIB_NO_NATIVE=1
[ "$(uname -m)" != x86_64 ] || export CXXFLAGS="-O3 -march=x86-64-v3"
if ! .venv/bin/python -c "import sys; sys.exit(sys.version != '''$version''')" 2>/dev/null ||
  ! .venv/bin/pip --version >/dev/null 2>&1; then
  echo "luminous: making the virtual environment .venv with $python"
  rm -rf .venv
  "$python" -m venv .venv
fi
rm -f .venv/luminous-set-up
count=$(grep -c '^[a-z].*==' requirements/dev.txt)
echo "luminous: installing $count locked Python packages into .venv"
if ! .venv/bin/pip --quiet install --require-hashes --requirement requirements/dev.txt </dev/null ||
  ! .venv/bin/pip --quiet install --no-build-isolation --no-deps --editable . </dev/null; then
  echo "luminous: the Python packages could not be installed; the lines above say why." >&2
  exit 1
fi
echo "$key" > .venv/luminous-set-up
