"""The rules: what a change of a schema is called, what it says, and whom it can break. An id is never reused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

__all__ = ["CATEGORIES", "RULES", "Direction", "Rule", "Severity"]

Severity: TypeAlias = Literal["error", "warn", "info"]
Direction: TypeAlias = Literal["backward", "forward"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of change.

    `breaks` are the directions in which such a change can break; whether this very change does is decided by
    containment. `severity` counts where nothing is decided, as for what schemas only tell people.
    """

    id: str
    sentence: str
    category: str
    breaks: frozenset[Direction] = frozenset()
    severity: Severity = "error"


CATEGORIES: Final = {
    "VALIDITY": "what a document may be",
    "MEANING": "what people and tools are told about it",
    "VERSION": "what a version promises",
    "LENIENT": "milder forms of other rules, for `use` in their place",
}

_BACKWARD: Final[frozenset[Direction]] = frozenset({"backward"})
_FORWARD: Final[frozenset[Direction]] = frozenset({"forward"})
_BOTH: Final = _BACKWARD | _FORWARD

_VALIDITY: Final[tuple[tuple[str, frozenset[Direction], str], ...]] = (
    ("DOCUMENT_NO_DELETE", _BACKWARD, "A document was deleted."),
    ("PROPERTY_NO_DELETE", _BOTH, "A property was deleted."),
    ("PROPERTY_ADDED", _BOTH, "A property was added that not every reader or writer knows."),
    ("PROPERTY_ADD_REQUIRED", _BACKWARD, "A required property was added."),
    ("PROPERTY_BECAME_REQUIRED", _BACKWARD, "A property became required."),
    ("PROPERTY_BECAME_OPTIONAL", _FORWARD, "A property readers could rely on became optional."),
    ("TYPE_NARROWED", _BACKWARD, "A type is no longer allowed."),
    ("TYPE_WIDENED", _FORWARD, "A type is allowed that was not."),
    ("TYPE_CHANGED", _BOTH, "The type changed."),
    ("NULLABILITY_REMOVED", _BACKWARD, "Null is no longer allowed."),
    ("NULLABILITY_ADDED", _FORWARD, "Null is allowed where it was not."),
    ("SCHEMA_FORBIDDEN", _BACKWARD, "Nothing is allowed any more where something was."),
    ("SCHEMA_PERMITTED", _FORWARD, "Something is allowed where nothing was."),
    ("ENUM_VALUE_NO_DELETE", _BACKWARD, "A closed list lost a value."),
    ("ENUM_VALUE_ADDED", _FORWARD, "A closed list gained a value readers may not know."),
    ("ENUM_ADDED", _BACKWARD, "Values were closed to a list."),
    ("ENUM_REMOVED", _FORWARD, "A closed list of values was opened."),
    ("CONST_CHANGED", _BOTH, "A fixed value changed."),
    ("PATTERN_TIGHTENED", _BACKWARD, "A pattern matches fewer texts."),
    ("PATTERN_LOOSENED", _FORWARD, "A pattern matches more texts."),
    ("PATTERN_CHANGED", _BOTH, "A pattern matches other texts, some more and some fewer."),
    ("PATTERN_UNDECIDED", _BOTH, "Two patterns could not be compared."),
    ("FORMAT_ADDED", _BACKWARD, "A format is asked for."),
    ("FORMAT_REMOVED", _FORWARD, "A format is no longer asked for."),
    ("FORMAT_CHANGED", _BOTH, "Another format is asked for."),
    ("LENGTH_TIGHTENED", _BACKWARD, "Fewer lengths of a text are allowed."),
    ("LENGTH_LOOSENED", _FORWARD, "More lengths of a text are allowed."),
    ("RANGE_TIGHTENED", _BACKWARD, "Fewer numbers are allowed."),
    ("RANGE_LOOSENED", _FORWARD, "More numbers are allowed."),
    ("MULTIPLE_OF_CHANGED", _BOTH, "Numbers must be multiples of something else."),
    ("ITEMS_COUNT_TIGHTENED", _BACKWARD, "Fewer lengths of an array are allowed."),
    ("ITEMS_COUNT_LOOSENED", _FORWARD, "More lengths of an array are allowed."),
    ("ITEMS_ADDED", _BACKWARD, "Elements of an array must keep a schema."),
    ("ITEMS_REMOVED", _FORWARD, "Elements of an array need keep no schema."),
    ("ITEMS_TUPLE_CHANGED", _BOTH, "A tuple has other places."),
    ("UNIQUE_ITEMS_ADDED", _BACKWARD, "Elements of an array must differ."),
    ("UNIQUE_ITEMS_REMOVED", _FORWARD, "Elements of an array need not differ."),
    ("CONTAINS_CHANGED", _BOTH, "Other elements must be among those of an array."),
    ("PROPERTIES_COUNT_TIGHTENED", _BACKWARD, "Fewer counts of members are allowed."),
    ("PROPERTIES_COUNT_LOOSENED", _FORWARD, "More counts of members are allowed."),
    ("PROPERTY_NAMES_CHANGED", _BOTH, "Members may have other names."),
    ("PATTERN_PROPERTIES_CHANGED", _BOTH, "Members whose name matches a pattern keep another schema."),
    ("DEPENDENCY_CHANGED", _BOTH, "A member needs other members beside it."),
    ("OPENNESS_CLOSED", _BACKWARD, "An object no longer takes members it does not name."),
    ("OPENNESS_OPENED", _FORWARD, "An object takes members it does not name."),
    ("OPENNESS_CHANGED", _BOTH, "Members an object does not name must keep another schema."),
    ("ONEOF_BRANCH_REMOVED", _BOTH, "A branch of a choice was removed."),
    ("ONEOF_BRANCH_ADDED", _BOTH, "A branch of a choice was added."),
    ("ONEOF_OVERLAP", _BOTH, "A choice of any became a choice of exactly one, or the other way round."),
    ("CHOICE_ADDED", _BACKWARD, "Values must keep one of several schemas."),
    ("CHOICE_REMOVED", _FORWARD, "Values need no longer keep one of several schemas."),
    ("ALLOF_PART_ADDED", _BACKWARD, "Values must keep one more schema."),
    ("ALLOF_PART_REMOVED", _FORWARD, "Values must keep one schema less."),
    ("NOT_CHANGED", _BOTH, "Other values are excluded."),
    ("CONDITION_CHANGED", _BOTH, "A condition or what follows from it changed."),
    ("SCHEMA_NARROWED", _BACKWARD, "Documents that were valid no longer are, and no other rule says why."),
    ("SCHEMA_WIDENED", _FORWARD, "Documents are valid that were not, and no other rule says why."),
    ("COMPATIBILITY_UNDECIDED", _BOTH, "Neither a proof nor a document was found; take it for breaking."),
    ("KEYWORD_UNSUPPORTED", _BOTH, "A keyword changed that cannot be judged here."),
)

_OTHERS: Final = (
    Rule("FORMAT_UNKNOWN", "A format changed that no validator here checks.", "VALIDITY", severity="warn"),
    Rule("DOCUMENT_ADDED", "A document was added.", "MEANING", severity="info"),
    Rule("PROPERTY_RENAME_HINT", "A property may have been renamed.", "MEANING", severity="warn"),
    Rule("DISCRIMINATOR_CHANGED", "Tools are told another discriminator.", "MEANING", severity="warn"),
    Rule("REF_TARGET_CHANGED", "A reference names another definition.", "MEANING", severity="info"),
    Rule("DEFAULT_CHANGED", "The default changed: what is absent means something else.", "MEANING", severity="warn"),
    Rule("ACCESS_CHANGED", "It may be written, or is read, by others than before.", "MEANING", severity="warn"),
    Rule("CONTENT_CHANGED", "A text holds something else, or is encoded otherwise.", "MEANING", severity="warn"),
    Rule("OPERATIONS_CHANGED", "Operations changed; only schemas that have a name are compared.", "MEANING",
         severity="warn"),
    Rule("DEPRECATED_ADDED", "Something became deprecated.", "MEANING", severity="info"),
    Rule("DEPRECATED_WITHOUT_SUNSET", "Something became deprecated and does not say until when.", "MEANING",
         severity="warn"),
    Rule("DESCRIPTION_CHANGED", "A title or description changed.", "MEANING", severity="info"),
    Rule("DIALECT_CHANGED", "The schemas are written in another dialect.", "MEANING", severity="info"),
    Rule("PROPERTY_NO_DELETE_UNLESS_DEPRECATED", "A property was deleted before its sunset, or without notice.",
         "LENIENT", _BOTH),
    Rule("ID_VERSION_NOT_BUMPED", "The schemas changed, and the version in their $id did not.", "VERSION",
         severity="warn"),
    Rule("VERSION_BUMP_TOO_SMALL", "The version was raised by less than the change asks for.", "VERSION"),
    Rule("PUBLISHED_VERSION_CHANGED", "A published version is not what was published.", "VERSION"),
)  # fmt: skip

RULES: Final = {
    rule.id: rule for rule in (*(Rule(id, said, "VALIDITY", breaks) for id, breaks, said in _VALIDITY), *_OTHERS)
}
