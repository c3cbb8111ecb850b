"""How good the ranking and the confidence are on public sets, beside what anybody could take
instead.
"""
