"""The checks of the level `vendor`: the client against the simulated vendor."""

from __future__ import annotations

from openreturns.testing import _answers, _done, _hooks, _manifest, _proposed, _real, _tapes
from openreturns.testing._check import table
from openreturns.testing._over import adapter_itself, mappings
from openreturns.testing._verbs import writes

__all__ = ["VENDOR"]

VENDOR = table(
    "vendor",
    {
        "PROPOSALS_CONFIRMED": (mappings, _proposed.confirmed),
        "CLIENT_DECLARED": (adapter_itself, _manifest.true),
        "SETTINGS_NEEDED": (_manifest.settings, _manifest.needed),
        "VERBS_WORK": (_done.supported, _done.works),
        "TAPES_PLAYED": (_tapes.plays, _tapes.played),
        "VERBS_REFUSED": (_done.unsupported, _done.refuses),
        "WRITES_DONE_ONCE": (_done.lost_answers, _done.once),
        "WRITES_REPEATED_ONCE": (writes, _done.twice),
        "WRITES_DELIVERED_ONCE": (writes, _done.delivered),
        "WRITES_READ_BACK": (writes, _done.seen),
        "WRITES_AS_ASKED": (writes, _real.as_asked),
        "WRITES_TOGETHER_ONCE": (writes, _real.together),
        "BODIES_MISLABELLED_TAKEN": (writes, _real.mislabelled),
        "CLIENT_SHAREABLE": (writes, _done.shared),
        "ERRORS_SORTED": (_answers.errors, _answers.sorted_in),
        "SESSIONS_RENEWED": (adapter_itself, _real.renewed),
        "RETRY_AFTER_HEEDED": (adapter_itself, _answers.heeded),
        "BUDGET_KEPT": (_answers.budgets, _answers.kept),
        "PAGES_COMPLETE": (_answers.listed, _answers.complete),
        "SECRETS_HIDDEN": (writes, _answers.discreet),
        "WEBHOOKS_GENUINE": (_hooks.webhooks, _hooks.genuine),
        "WEBHOOKS_FORGED": (_hooks.webhooks, _hooks.forged),
        "WEBHOOKS_REPLAYED": (_hooks.webhooks, _hooks.replayed),
        "WEBHOOKS_ROTATED": (_hooks.webhooks, _hooks.rotated),
    },
)
