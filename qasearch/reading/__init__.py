"""Markdown text to entries. Pure, except for `files`, which walks the folder.

The only package that knows markdown-it-py and YAML; knows no model, no index and no screen.
"""
