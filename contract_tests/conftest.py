"""How all tests run: what is drawn at random is the same each time, so that a red test is red for everyone.

And no test may make the project give a secret or a person away, in a log, a span, an error or a command's output:
see `secrecy`.

To search further than the suite does: `pytest --hypothesis-profile=default`.
"""

from __future__ import annotations

from hypothesis import settings
from secrecy.watch import _nothing_given_away, _watching

__all__ = ["_nothing_given_away", "_watching"]

settings.register_profile("same", derandomize=True, deadline=None)  # a test never times anything
settings.load_profile("same")
