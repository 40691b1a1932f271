#!/usr/bin/env bash
# Resolves requirements.in into requirements.lock. torch and what only its CUDA build needs stay out of the lock:
# torch is installed first, by its pin, and brings what fits the machine.
set -euo pipefail
uv=.venv/bin/uv
options=(--quiet --no-header --no-annotate --override overrides.txt --constraint torch.txt)
cuda=$("$uv" pip compile "${options[@]}" requirements.in | grep -oE '^(nvidia-[a-z0-9-]+|cuda-[a-z]+|triton|torch)==' || true)
exclude=()
for package in $cuda; do exclude+=(--no-emit-package "${package%==}"); done
"$uv" pip compile "${options[@]}" "${exclude[@]}" requirements.in --output-file requirements.lock
