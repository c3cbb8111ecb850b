"""onnxruntime, with its telemetry off.

From version 1.32 on it would otherwise keep a device id and report to its makers, from Linux too.
It looks for the variable when it is imported, so nothing else here imports it.
"""

from __future__ import annotations

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime

__all__ = ["onnxruntime"]
