"""Markdown text to entries, and entries to passages. Pure, except `files`, which walks the folder.

The only room that knows markdown-it-py and YAML. Knows no model, no index and no screen. Inside:
`markdown` is what Markdown is, `document` what a document is, `finders` the ways of marking a
question. Each imports the ones before it, never a later one.
"""
