"""What Markdown is: blocks, inline text, HTML, links, slugs. Only `parser` calls the library."""
