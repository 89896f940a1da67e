"""Which recorded exchange answers a request: by what the request means, not by its bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

__all__ = ["differences", "resource"]


def resource(request: Mapping[str, Any], paths: Sequence[str]) -> str:
    """Return what a request is about: its method, and its path or the pattern that the path fits."""
    path = str(request["path"])
    pattern = next((one for one in paths if _fits(one).fullmatch(path)), path)
    return f"{request['method']} {pattern}"


@cache
def _fits(pattern: str) -> re.Pattern[str]:
    return re.compile("[^/]+".join(re.escape(part) for part in pattern.split("{}")))


def differences(
    recorded: Mapping[str, Any], sent: Mapping[str, Any], paths: Sequence[str] = (), volatile: Sequence[str] = ()
) -> list[str]:
    """Return what of a request differs from a recorded one, in words; nothing if it means the same.

    Compared are method, path (or the pattern it fits), query (whatever the order) and body, by value: 12.50 is 12.5,
    the order of members is none. `volatile` places are left out. Headers are not compared.
    """
    found = []
    if recorded["method"] != sent["method"]:
        found.append(f"method: {recorded['method']} recorded, {sent['method']} sent")
    if resource(recorded, paths).partition(" ")[2] != resource(sent, paths).partition(" ")[2]:
        found.append(f"path: {recorded['path']} recorded, {sent['path']} sent")
    for said, one, other in (
        ("query", recorded.get("query", {}), sent.get("query", {})),
        ("body", _body(recorded), _body(sent)),
    ):
        found += [f"{at}: {what}" for at, what in _differing(one, other, f"/{said}") if not _left_out(at, volatile)]
    return found


def _body(request: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    return next((request[name] for name in ("json", "form", "text", "binary") if name in request), None)


def _differing(one: Any, other: Any, at: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON values
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in {**one, **other}:
            here = f"{at}/{str(name).replace('~', '~0').replace('/', '~1')}"
            if name not in other:
                yield here, "recorded, not sent"
            elif name not in one:
                yield here, "sent, not recorded"
            else:
                yield from _differing(one[name], other[name], here)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for place, pair in enumerate(zip(one, other, strict=True)):
            yield from _differing(*pair, f"{at}/{place}")
    elif isinstance(one, bool) != isinstance(other, bool) or one != other:
        yield at, f"{_shown(one)} recorded, {_shown(other)} sent"


def _shown(value: Any) -> str:  # noqa: ANN401 - any JSON value
    if isinstance(value, Mapping):
        return f"an object of {len(value)}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return repr(value) if isinstance(value, str) else "nothing" if value is None else str(value)


def _left_out(at: str, volatile: Sequence[str]) -> bool:
    steps = at.split("/")
    for one in volatile:
        wanted = one.split("/")
        if len(wanted) <= len(steps) and all(w in ("*", s) for w, s in zip(wanted, steps, strict=False)):
            return True
    return False
