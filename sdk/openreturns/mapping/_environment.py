"""What a translation may look at beside the record: the tenant's settings and code tables, and its notes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from openreturns.errors import MappingError, Problem

__all__ = ["CodeTable", "Environment", "Tenant"]

_T = TypeVar("_T")


@dataclass(frozen=True)
class CodeTable:
    """The words of one vendor field and the canonical codes they stand for.

    `read` is vendor word -> code, `write` is code -> vendor word. Words are compared without regard to case
    and spaces (vendors spell the same status both ways). `unknown` is the code that a word without an entry
    becomes, with a finding; without it such a word is refused. `refused` are codes the vendor has no word for.
    `proposed` is vendor word -> code as the generator guesses it, and counts for nothing until moved to `read`.
    """

    name: str
    scheme: str
    read: Mapping[str, str]
    write: Mapping[str, str]
    unknown: str = ""
    refused: frozenset[str] = frozenset()
    proposed: Mapping[str, str] = field(default_factory=dict)
    lossy: frozenset[str] = field(init=False)
    """Codes that come back as another code after being written."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_folded", {_fold(word): code for word, code in self.read.items()})
        object.__setattr__(self, "_spelled", dict(self.read))
        lossy = frozenset(code for code, word in self.write.items() if self.code(word) != code)
        object.__setattr__(self, "lossy", lossy)

    @classmethod
    def load(cls, name: str, data: Mapping[str, Any], *, system: str) -> CodeTable:
        """Make a table from its file form: `read`, `write` (only what differs), and the other fields as they are.

        Raises MappingError (kind `setting`) for anything else in it, and for a part of another kind.
        """
        wrong = "; ".join(_misread(data))
        if wrong:
            raise MappingError(f"code table {name!r}: {wrong}", kind="setting")
        read = {str(word): str(code) for word, code in data.get("read", {}).items()}
        backwards = {code: word for word, code in reversed(read.items())}
        differing = {str(code): str(word) for code, word in data.get("write", {}).items()}
        return cls(
            name=name,
            scheme=str(data.get("scheme", f"{system}:{name}")),
            read=read,
            write={**backwards, **differing},
            unknown=str(data.get("unknown", "")),
            refused=frozenset(data.get("refused", ())),
            proposed={str(word): str(code) for word, code in data.get("proposed", {}).items() if word not in read},
        )

    def code(self, word: str) -> str | None:
        """Return the code of a vendor word, or None where the table has no entry."""
        spelled: dict[str, str] = self.__dict__["_spelled"]
        code = spelled.get(word)
        if code is None:
            folded: Mapping[str, str] = self.__dict__["_folded"]
            code = folded.get(_fold(word))
            if code is not None and len(spelled) < _SPELLINGS:
                spelled[word] = code
        return code

    def require(self, word: str, env: Environment) -> str:
        """Return the code of a vendor word; `unknown` with a finding, or MappingError, where there is none."""
        code = self.code(word)
        if code is not None:
            return code
        known = tuple(sorted(self.read))
        if not self.unknown:
            message = f"{word!r} has no canonical code; add it to the code table {self.name!r}"
            if word in self.proposed:
                message += f" (nobody has confirmed the guess {self.proposed[word]!r}: move it from proposed to read)"
            raise MappingError(message, kind="translation", problems=[Problem("unknown_code", message, known=known)])
        env.finding(
            "unknown_code",
            f"{word!r} is not in the code table {self.name!r}: read as {self.unknown!r}",
            known,
        )
        return self.unknown

    def stands_for(self, word: str, code: str) -> bool:
        """Whether a vendor word reads as this code; a word without an entry reads as `unknown`."""
        return (self.code(word) or self.unknown) == code

    def word(self, code: str) -> str:
        """Return the vendor word of a code. Raises MappingError where there is none."""
        word = self.write.get(code)
        if word is None:
            message = f"{code!r} has no vendor word; add it to the code table {self.name!r}"
            problem = Problem("no_vendor_word", message, known=tuple(sorted(self.write)))
            raise MappingError(message, kind="translation", problems=[problem])
        return word


_PARTS = ("read", "write", "unknown", "refused", "scheme", "proposed")


def _misread(data: object) -> Iterator[str]:
    """Yield what is wrong with the file form of a code table: what is misspelled would be left out in silence."""
    if not isinstance(data, Mapping):
        yield f"is not a table but {data!r:.60}"
        return
    yield from (f"{part!r} is not one of {', '.join(_PARTS)}" for part in data if part not in _PARTS)
    for part in ("read", "write", "proposed"):
        words = data.get(part, {})
        if not isinstance(words, Mapping):
            yield f"{part} is a table of vendor words and codes, not {words!r:.60}"
            continue
        for word, said in words.items():
            if isinstance(said, bool) or not isinstance(said, (str, int)):
                yield f"{part} {word!r} is {said!r:.60}, neither a text nor a whole number"
    for part in ("unknown", "scheme"):
        if not isinstance(data.get(part, ""), str):
            yield f"{part} is a text, not {data[part]!r:.60}"
    refused = data.get("refused", ())
    if not isinstance(refused, (list, tuple, set, frozenset)) or not all(isinstance(code, str) for code in refused):
        yield f"refused is a list of codes, not {refused!r:.60}"


_SPELLINGS = 4096
"""How many words are kept as they were spelled: a vendor has few, and says them with every record."""


def _fold(word: str) -> str:
    return "".join(word.split()).casefold()


@dataclass(frozen=True, slots=True)
class Tenant:
    """One customer's configuration of one adapter: settings, and code tables by name."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, CodeTable] = field(default_factory=dict)

    def table(self, name: str) -> CodeTable:
        """Return a code table. Raises MappingError (kind `setting`) if the tenant has none of that name."""
        try:
            return self.tables[name]
        except KeyError:
            raise _unconfigured("code table", name, self.tables) from None

    def setting(self, name: str) -> Any:  # noqa: ANN401 - a setting is any configured value
        """Return a setting. Raises MappingError (kind `setting`) if it is not configured."""
        found = self.settings.get(name)
        if found is None:
            raise _unconfigured("setting", name, self.settings)
        return found


def _unconfigured(what: str, name: str, there: Mapping[str, Any]) -> MappingError:
    names = ", ".join(sorted(there)) or "none"
    return MappingError(f"{what} {name!r} is not configured; there are: {names}", kind="setting")


class Environment:
    """What functions and codecs see while one document is translated.

    `root` is the whole source document, `given` what the caller passed along, `currency` the document's
    currency. `finding` and `lose` note what a person should know: the compiled pass only remembers that
    there is something (`noted`), the interpreted pass knows where.
    """

    __slots__ = ("_known", "currency", "findings", "given", "here", "losses", "noted", "root", "tenant")

    def __init__(self, tenant: Tenant, root: Any, given: Mapping[str, Any]) -> None:  # noqa: ANN401 - any JSON value
        self.tenant = tenant
        self.root = root
        self.given = given
        self.currency = ""
        self.noted = False
        self.here = ("", "")
        self.findings: list[Problem] = []
        self.losses: list[Problem] = []
        self._known: dict[object, Any] = {}

    def once(self, function: Callable[[Any, Environment], _T]) -> _T:
        """Return `function(root, environment)`, worked out once a document: what all its lines share."""
        known = self._known
        if function in known:
            found: _T = known[function]
        else:
            known[function] = found = function(self.root, self)
        return found

    def finding(self, code: str, message: str, known: Iterable[str] = ()) -> None:
        """Note something a person should look at; the translation goes on."""
        self.noted = True
        self.findings.append(Problem(code, message, *self.here, known=tuple(known)))

    def lose(self, reason: str, *, below: str = "") -> None:
        """Note that the value here, or the part `below` it, does not reach the other side whole."""
        self.noted = True
        canonical, native = self.here
        self.losses.append(Problem("loss", reason, canonical + below, native))

    def code(self, table: str, word: str) -> str:
        """Return the code of a vendor word through the tenant's table of that name."""
        return self.tenant.table(table).require(word, self)
