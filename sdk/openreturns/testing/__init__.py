"""The contract kit: what every adapter must prove, ours or a stranger's.

An adapter's whole test file:

    from openreturns.testing import contract_suite

    TestAcme = contract_suite("acme")

and on the command line `openreturns contract acme`. Needs the extra `openreturns[testing]`; nothing is loaded
into anybody's pytest by itself. See docs/contract-kit.md.
"""

from importlib.util import find_spec

if find_spec("hypothesis") is None:  # imported late, to draw: told now, not check by check
    raise ModuleNotFoundError("the contract kit needs the extra: pip install 'openreturns[testing]'", name="hypothesis")

from openreturns.testing._candidate import Candidate, candidate
from openreturns.testing._check import LEVELS, Case, Check, CheckFailure, Inapplicable, Level, NoEvidence
from openreturns.testing._checks import CHECKS
from openreturns.testing._evidence import Evidence, Record
from openreturns.testing._run import Report, Result, run
from openreturns.testing._suite import contract_suite

__all__ = [
    "CHECKS",
    "LEVELS",
    "Candidate",
    "Case",
    "Check",
    "CheckFailure",
    "Evidence",
    "Inapplicable",
    "Level",
    "NoEvidence",
    "Record",
    "Report",
    "Result",
    "candidate",
    "contract_suite",
    "run",
]
