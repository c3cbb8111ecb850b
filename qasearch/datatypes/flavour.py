"""Which program a folder of Markdown was written for."""

from __future__ import annotations

from enum import StrEnum


class Flavour(StrEnum):
    """The program that a folder of Markdown was written for.

    A flavour only settles what is ambiguous: whether `%` at the beginning of a line hides it, how
    headings become fragments of links, what `aliases` means. What is the same in all programs is
    read in all of them. PLAIN is any other folder.
    """

    PLAIN = "plain"
    GITHUB_WIKI = "github-wiki"
    GITLAB = "gitlab"
    OBSIDIAN = "obsidian"
    LOGSEQ = "logseq"
    HUGO = "hugo"
    JEKYLL = "jekyll"
    MKDOCS = "mkdocs"
    DOCUSAURUS = "docusaurus"
    VITEPRESS = "vitepress"
    MYST = "myst"
    QUARTO = "quarto"
