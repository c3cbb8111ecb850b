"""The map of a corpus as one HTML page: `content` is its data, `page` puts the file together."""
