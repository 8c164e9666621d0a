#!/bin/sh
# Makes .venv with everything in it, inside the project folder. Called by every command of the Makefile:
# when nothing has changed since the last time it ends at once and says nothing.
#
#   PYTHON=/path/to/python3.11   takes that interpreter
#   TORCH_INDEX=https://...      takes PyTorch from there first (PyTorch's own index of CPU builds saves 3 GB)
#   PIP_CACHE_DIR=...            keeps downloads there (without it nothing is kept besides .venv)
#   pip's own variables and configuration files (PIP_INDEX_URL, proxies, mirrors) hold as always.
set -eu
cd "$(dirname "$0")/.."

venv=.venv
stamp=$venv/set-up
# The folder's path is part of it: programs in a virtual environment hold the path it was made for.
wanted="$(pwd -P) $(cat pyproject.toml constraints.txt scripts/setup.sh | cksum)"
if [ -x "$venv/bin/python" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    exit 0
fi

unset PYTHONHOME PYTHONPATH || true
export PYTHONNOUSERSITE=1 PIP_USER=0 PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1
if [ -z "${PIP_CACHE_DIR:-}" ]; then
    export PIP_NO_CACHE_DIR=1
fi
# Unpacking torch needs more room than some machines give /tmp, and nothing is to be left outside this folder.
mkdir -p .cache/tmp
TMPDIR=$(pwd -P)/.cache/tmp
export TMPDIR
# pip asks rustc for its version, and rustup answers by making its folder in an empty home.
if [ ! -d "${RUSTUP_HOME:-${HOME:-}/.rustup}" ]; then
    export RUSTUP_HOME="$TMPDIR/rustup"
fi
trap 'rm -rf .cache/tmp' EXIT
trap 'exit 130' INT TERM

say() { printf '%s\n' "set-up: $*"; }
fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' >/dev/null 2>&1; }
makes_environments() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

python= unable=
for candidate in ${PYTHON:+"$PYTHON"} python3.11 python3.12 python3 python; do
    if fits "$candidate"; then
        if makes_environments "$candidate"; then
            python=$candidate
            break
        fi
        unable=${unable:-$candidate}
    fi
    if [ "$candidate" = "${PYTHON:-}" ]; then
        say "PYTHON=$PYTHON is not Python 3.11 or 3.12 with its venv module." >&2
        exit 1
    fi
done
if [ -z "$python" ] && [ -n "$unable" ]; then
    say "$unable is here, but without the modules venv and ensurepip, which make a virtual environment." >&2
    say "On Debian or Ubuntu: apt-get install $("$unable" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')" >&2
    exit 1
fi
if [ -z "$python" ]; then
    say "Python 3.11 or 3.12 is needed, and neither python3.11, python3.12, python3 nor python is one." >&2
    say "Install Python 3.11, or say where it is: make setup PYTHON=/path/to/python3.11" >&2
    exit 1
fi

began=$(date +%s)
if [ -f "$stamp" ]; then
    case $(cat "$stamp") in
    "$(pwd -P) "*) ;;
    *)
        say "this folder has moved: its virtual environment is made anew"
        rm -rf "$venv"
        ;;
    esac
fi
rm -f "$stamp"
if ! fits "$venv/bin/python" || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    rm -rf "$venv" # half made, or its Python is gone
fi
if [ ! -d "$venv" ]; then
    say "1/4 a virtual environment in $venv, with $("$python" -c 'import sys; print("Python %d.%d.%d" % sys.version_info[:3], "at", sys.executable)')"
    "$python" -m venv "$venv"
else
    say "1/4 the virtual environment in $venv is there"
fi
pip() { "$venv/bin/python" -m pip "$@"; }

say "2/4 PyTorch (the largest part)"
# On Linux the ordinary index has PyTorch with CUDA, 3 GB that the course has no use for; who knows an index of
# CPU builds names it. Where that cannot be reached, the ordinary one serves as well.
index=${TORCH_INDEX-}
if [ "$(uname -s)" = Linux ] && [ -n "$index" ]; then
    torch=$(grep '^torch==' constraints.txt)
    if ! pip install --quiet --no-deps --retries 0 --timeout 10 --index-url "$index" "$torch" >/dev/null 2>&1; then
        say "    $index cannot be reached: taking what the ordinary index has"
    fi
fi
pip install --quiet --constraint constraints.txt torch setuptools

say "3/4 the other packages, in the versions of constraints.txt (some minutes)"
"$venv/bin/python" scripts/requirements.py >.cache/tmp/requirements.txt
pip install --quiet --constraint constraints.txt --requirement .cache/tmp/requirements.txt

say "4/4 the project itself"
pip install --quiet --no-deps --no-build-isolation --editable .
pip check

printf '%s\n' "$wanted" >"$stamp"
say "done in $(($(date +%s) - began)) s; the next command starts at once"
