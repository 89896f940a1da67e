"""How a disposition is told to the service desk: one processing plan a line item."""

from __future__ import annotations

from openreturns.mapping import Environment

from openreturns_adapters.salesforce.functions.shared import Record, line_key, refuse

__all__ = ["first_of_its_line", "key_of_decision", "one_plan_a_line", "only_final", "plan"]


def only_final(document: Record, env: Environment) -> None:
    """Refuse a disposition that is not final or takes another back: the service desk would promise what is not so."""
    if document["status"] != "final":
        message = f"a disposition that is {document['status']} is not for the customer's eyes"
        refuse("not_final", message, "/status", "/records")
    if "reverses" in document:
        refuse("reversal", "it says what does not happen with the goods after all", "/reverses", "/records")


def one_plan_a_line(document: Record, env: Environment) -> None:
    """Refuse a return line whose goods go several ways, unless the tenant has a word for that."""
    if env.tenant.settings.get("mixed_plan"):
        return
    words = env.tenant.table("processing_plan").write
    plans: dict[str, str] = {}
    for place, line in enumerate(document["lines"]):
        for number, split in enumerate(line["splits"]):
            code = split["disposition"]["code"]
            word = words.get(code, code)  # one without a word is refused where its plan is written
            if plans.setdefault(line["returnLineId"], word) != word:
                message = "a line item has one processing plan; the setting mixed_plan can name one for several"
                at = f"/lines/{place}/splits/{number}/disposition"
                refuse("several_plans", message, at, f"/records/{place}/ProcessingPlan")


def _word(disposition: Record, env: Environment) -> str | None:
    code, table = disposition["code"], env.tenant.table("processing_plan")
    return table.write.get(code) if code == "pending" else table.word(code)


def _by_line(document: Record, env: Environment) -> dict[str, list[Record]]:
    """Return the lines of a disposition by the line of the return that they decide about."""
    by_line: dict[str, list[Record]] = {}
    for line in document["lines"]:
        by_line.setdefault(line["returnLineId"], []).append(line)
    return by_line


def first_of_its_line(line: Record, env: Environment) -> bool:
    """Whether this is the first of the lines that decide about one line of the return: they make one record."""
    return env.once(_by_line)[line["returnLineId"]][0] is line


def key_of_decision(line: Record, env: Environment) -> str:
    """Return the external id of the line item that a decision is about."""
    return line_key(env.root["return"]["id"], line["returnLineId"])


def plan(line: Record, env: Environment) -> str | None:
    """Return the processing plan of a line item; goods that wait for a decision have none."""
    splits = [split for one in env.once(_by_line)[line["returnLineId"]] for split in one["splits"]]
    words = {_word(split["disposition"], env) for split in splits}
    if len(words) > 1:
        env.lose("the goods go several ways; a line item has one processing plan", below="/splits")
        return str(env.tenant.setting("mixed_plan"))
    table = env.tenant.table("processing_plan")
    if any(split["disposition"]["code"] in table.lossy for split in splits):
        env.lose("the plan's word stands for another disposition as well", below="/splits")
    return words.pop()
