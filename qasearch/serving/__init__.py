"""The warm process and its thin client: sockets, processes and JSON-RPC; knows no question and no
index.

`client`, `endpoint` and `thin_json` are what `qasearch ask` imports before anything else, and so
import almost nothing.
"""
