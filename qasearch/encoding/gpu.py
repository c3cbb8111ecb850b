"""Whether there may be a GPU, told without importing torch."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_LEFT_BY_DRIVERS = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg", "C:\\Windows\\System32\\nvcuda.dll")
"""Of NVIDIA, of AMD, of Linux inside Windows, and of NVIDIA on Windows."""


def gpu_may_be_there() -> bool:
    """Whether it is worth asking torch for a GPU."""
    if sys.platform == "darwin":
        return os.uname().machine == "arm64"
    return any(Path(file).exists() for file in _LEFT_BY_DRIVERS)
