"""How all tests run: what is drawn at random is the same each time, so that a red test is red for everyone.

To search further than the suite does: `pytest --hypothesis-profile=default`.
"""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("same", derandomize=True)
settings.load_profile("same")
