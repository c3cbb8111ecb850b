"""Measures ranking and confidence on public sets, beside simpler methods that anybody could use."""
