"""From a question to a reply: filters, candidates, ranking and the verdict. It never writes."""
