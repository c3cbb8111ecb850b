"""What Markdown is: blocks, inline text, HTML, links, slugs. Only `blocks` knows the parser."""
