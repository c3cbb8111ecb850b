"""How Sphinx makes the documentation site from this folder: `make docs-site`.

Nothing is fetched: the theme brings its own fonts and scripts, and no page links to the
inventory of another site.
"""

from __future__ import annotations

import qasearch
from qasearch.cli import cli

project = "qasearch"
author = "The qasearch maintainers"
version = release = qasearch.__version__
copyright = "the qasearch maintainers, MIT licence"  # noqa: A001 - the name that Sphinx reads

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_click",
]
html_theme = "furo"
html_title = f"qasearch {release}"
html_copy_source = False
html_show_sphinx = False
smartquotes = False  # they make a dash of the two hyphens of an option

myst_enable_extensions = ["colon_fence", "fieldlist"]
myst_heading_anchors = 3

# Docstrings are written for people who read the code: `name` is code.
default_role = "literal"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True, "exclude-members": "__init__, __new__"}

# Types that signatures name and that have no page here: those of the standard library, and those
# that only the inside of qasearch uses.
nitpick_ignore = [
    ("py:class", name)
    for name in (
        "collections.abc.Callable",
        "collections.abc.Mapping",
        "collections.abc.Sequence",
        "os.PathLike",
        "pathlib.Path",
        "qasearch.building.changes.Changes",
        "FittedCurve",
        "Loader",
        "Settings",
        "Space",
    )
]

# The group adds the options that all commands share when it gives a command, and `sphinx_click`
# takes the commands from their modules.
for name in cli.list_commands(None):
    cli.get_command(None, name)
