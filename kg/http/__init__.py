"""The graph over HTTP: the SPARQL 1.1 Protocol for queries, the questions, reasons and descriptions of every node.

The server process takes requests, and never opens the store; queries run in worker processes, which it can end. Web
packages are the extra ``foedus[serve]``; the worker does without them.
"""

__all__: list[str] = []
