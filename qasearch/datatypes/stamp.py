"""What tells whether a file changed without reading it."""

from __future__ import annotations

Stamp = tuple[int, int, int, int, str]
"""The size of a file in bytes, its time stamp in nanoseconds, its inode, the time of its last
change of any kind, and what it is read as: its flavour and the headings of its private sections.

Windows has no time of change; what stands there is the time when the file was made. A plain tuple:
the garbage collector leaves it alone, so a hundred thousand of them cost little.
"""

UNTRUSTED = -1
"""The inode of no file: a document with it is compared by content at the next build."""
