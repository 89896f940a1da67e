"""What can be compared, where it may be, and what is said of what cannot."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from compat.sets import files, one
from openreturns.compat import Settings, compare, open_source, sources
from openreturns.errors import ContractError

TEXT = {"type": "string"}


def _git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


def _write(path: Path, schema: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(schema, indent=2), "utf-8")
    return path


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two commits: v1 says texts of up to 9, the branch main of up to 5."""
    _git(tmp_path, "init", "-b", "main")
    for limit in (9, 5):
        _write(tmp_path / "schemas" / "a.schema.json", {"$ref": "b.schema.json#/$defs/B"})
        _write(tmp_path / "schemas" / "b.schema.json", {"$defs": {"B": {**TEXT, "maxLength": limit}}})
        _git(tmp_path, "add", ".")
        _git(tmp_path, "commit", "-m", str(limit))
        if limit == 9:
            _git(tmp_path, "tag", "v1")
    return tmp_path


@pytest.mark.parametrize("ref", ["v1", "HEAD~1", "main~1", "v1:schemas"])
def test_a_commit_is_the_other_side(repository: Path, ref: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    new, old = sources("schemas", ref)
    [finding] = [one for one in compare(old, new).findings if one.severity == "error"]
    assert finding.rule == "LENGTH_TIGHTENED"
    assert finding.where == ("schemas/b.schema.json", 5)
    assert finding.was_where[0] == f"{ref.partition(':')[0]}:schemas/b.schema.json"
    assert isinstance(finding.witness, str)
    assert len(finding.witness) == 6


def test_one_file_of_a_commit(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository / "schemas")
    new, old = sources("a.schema.json", "v1")
    assert compare(old, new).answer() == "breaking"


def test_a_published_version_is_the_other_side(tmp_path: Path) -> None:
    credit, common = (open_source("1.0.0").text(f"{name}.schema.json") for name in ("credit", "common"))
    assert credit is not None
    assert common is not None
    _write(tmp_path / "credit.schema.json", credit.value)
    _write(tmp_path / "common.schema.json", common.value)
    new, old = sources(str(tmp_path / "credit.schema.json"), "1.0.0")
    report = compare(old, new, Settings("full"))
    assert [one.document for one in report.verdicts] == ["schema", "schema"]
    assert report.answer() == "compatible"


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("nowhere", "nowhere: no such path, published version or git commit"),
        ("9.9.9", "9.9.9: no such path"),
    ],
)
def test_nothing_of_that_name(where: str, said: str) -> None:
    with pytest.raises(ContractError, match=said):
        open_source(where, like="schemas")


def test_a_commit_without_the_path(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    with pytest.raises(ContractError, match="the commit has no other"):
        open_source("v1:other")


@pytest.mark.parametrize(
    ("schemas", "place", "why"),
    [
        ({"a": {"$ref": "#/$defs/B"}}, "a.json:1", "names nothing: a.json has no /$defs/B"),
        (
            {"a": {"properties": {"x": {"$ref": "b.json"}}}},
            "a.json:1",
            "/properties/x: the reference 'b.json' names no",
        ),
        ({"a": {"$ref": "https://example.org/x"}}, "a.json:1", "nothing is fetched"),
        ({"a": {"$ref": "#anchor"}}, "a.json:1", "an anchor that is not there"),
        ({"a": {"$ref": 3}}, "a.json:1", "a reference is a text, not 3"),
        ({"a": {"$ref": "b.json"}, "b": {"$ref": "a.json"}}, "a.json:1", "leads back to itself: a -> b -> a"),
        ({"a": {"$ref": "#"}}, "a.json:1", "leads back to itself"),
        ({"a": {"anyOf": [TEXT, {"$ref": "#"}]}}, "a.json:1", "leads back to itself"),
        ({"a": [1]}, "a.json:1", "/: a schema is an object, true or false, not a list"),
        (
            {"a": {"name": "x", "values": []}},
            "a.json:1",
            "no JSON Schema and no OpenAPI document; it has: name, values",
        ),
        (
            {"a": {"properties": {"x": "text"}}},
            "a.json:1",
            "/properties/x: a schema is an object, true or false, not a text",
        ),
        ({"a": {"type": "text"}}, "a.json:1", "/type: type must be one or several of null"),
        ({"a": {"maxLength": "9"}}, "a.json:1", "/maxLength: maxLength must be a count, not a text"),
        ({"a": {"pattern": "(a"}}, "a.json:1", "/pattern: '(a' is not a regular expression"),
        ({"a": {"required": "x"}}, "a.json:1", "/required: required must be a list of names"),
        ({"a": {"allOf": []}}, "a.json:1", "/allOf: allOf must be a list of schemas"),
    ],
)
def test_what_cannot_be_compared_is_told_with_file_and_pointer(schemas: dict[str, Any], place: str, why: str) -> None:
    with pytest.raises(ContractError) as caught:
        compare(files(**schemas), files(**schemas))
    assert str(caught.value).startswith(place)
    assert why in str(caught.value)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"{", "a.json:1: is not JSON"),
        (b"\xff", "a.json: is not UTF-8: byte 0"),
        (b'{"a": 1, "a": 2}', "the member 'a' is there twice"),
        (b'{"minimum": NaN}', "NaN is not a number in JSON"),
    ],
)
def test_what_cannot_be_read_is_told(data: bytes, why: str) -> None:
    with pytest.raises(ContractError, match=why):
        compare(files(a=data), one(TEXT))


def test_the_line_is_that_of_the_keyword(tmp_path: Path) -> None:
    text = '{\n  "properties": {\n    "a/b": {\n      "type": "string",\n      "maxLength": 9\n    }\n  }\n}\n'
    (tmp_path / "old.json").write_text(text, "utf-8")
    (tmp_path / "new.json").write_text(text.replace("9", "5"), "utf-8")
    [finding] = compare(open_source(str(tmp_path / "old.json")), open_source(str(tmp_path / "new.json"))).findings
    assert (finding.where[1], finding.pointer) == (5, "/properties/a~1b/maxLength")


YAML = """\
openapi: 3.0.3
info: {title: t, version: 2026-01-01}
paths: {}
components:
  schemas:
    Thing:
      type: object
      properties:
        day: {type: string, format: date, example: 2026-01-31}
        count:
          type: integer
          nullable: true
"""


def test_yaml_says_the_same_and_has_lines_too(tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_text(YAML, "utf-8")
    (tmp_path / "new.yaml").write_text(YAML.replace("          nullable: true\n", ""), "utf-8")
    [finding] = compare(open_source(str(tmp_path / "old.yaml")), open_source(str(tmp_path / "new.yaml"))).findings
    assert (finding.rule, finding.document, finding.at) == ("NULLABILITY_REMOVED", "Thing", "count")
    assert finding.where[1] == 11
    assert finding.witness == {"count": None}


@pytest.mark.parametrize("text", ["a: [", "a: 1\na: 2\n"])
def test_yaml_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yaml").write_text(text, "utf-8")
    with pytest.raises(ContractError, match=r"a\.yaml.*YAML"):
        compare(open_source(str(tmp_path / "a.yaml")), one(TEXT))


GRAPHQL = """\
type Query { returns(first: Int, query: String!): [Return!]! }
type Return { id: ID!, status: Status!, note: String @deprecated(reason: "see notes"), lines: [Line!]! }
type Line { quantity: Int! }
enum Status { OPEN CLOSED }
input ReturnInput { orderId: ID!, note: String, notify: Boolean! = false }
union Node = Return | Line
scalar DateTime
extend type Line { sku: String }
"""


@pytest.mark.parametrize(
    ("was", "now", "rule", "at"),
    [
        ("OPEN CLOSED", "OPEN", "ENUM_VALUE_NO_DELETE", ""),
        ("note: String @", "notes: String @", "PROPERTY_NO_DELETE", "note"),
        ("note: String, notify", "note: String!, notify", "PROPERTY_BECAME_REQUIRED", "note"),
        ("query: String!)", "query: String!, kind: String!)", "PROPERTY_ADD_REQUIRED", "kind"),
        ("{ quantity: Int! }", "{ quantity: String! }", "TYPE_CHANGED", "quantity"),
    ],
)
def test_a_graphql_schema_is_compared_too(tmp_path: Path, was: str, now: str, rule: str, at: str) -> None:
    (tmp_path / "old.graphql").write_text(GRAPHQL, "utf-8")
    (tmp_path / "new.graphql").write_text(GRAPHQL.replace(was, now), "utf-8")
    old, new = (open_source(str(tmp_path / f"{side}.graphql")) for side in ("old", "new"))
    assert compare(old, old, Settings("full")).answer() == "compatible"
    assert (rule, at) in {(one.rule, one.at) for one in compare(old, new).findings if one.severity == "error"}


@pytest.mark.parametrize(
    ("now", "answer", "rules"),
    [
        ("input Take { restock: Boolean = false, id: ID }", "compatible", {"DEFAULT_CHANGED"}),
        ("input Take @oneOf { restock: Boolean, id: ID }", "breaking", {"PROPERTIES_COUNT_TIGHTENED"}),
    ],
    ids=["default", "one of"],
)
def test_what_an_input_means_where_a_field_is_absent_is_compared(
    now: str, answer: str, rules: set[str], tmp_path: Path
) -> None:
    (tmp_path / "old.graphql").write_text("input Take { restock: Boolean = true, id: ID }", "utf-8")
    (tmp_path / "new.graphql").write_text(now, "utf-8")
    report = compare(open_source(str(tmp_path / "old.graphql")), open_source(str(tmp_path / "new.graphql")))
    assert report.answer() == answer
    assert rules <= {one.rule for one in report.findings}


def test_graphql_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.graphql").write_text("type Query {", "utf-8")
    with pytest.raises(ContractError, match=r"a\.graphql:1: is not GraphQL"):
        compare(open_source(str(tmp_path / "a.graphql")), one(TEXT))


def test_the_numbers_of_a_schema_are_exact() -> None:
    old, new = one(b'{"maximum": 0.1000000000000000000001}'), one(b'{"maximum": 0.1}')
    report = compare(old, new)
    assert report.answer() == "breaking"
    assert str(report.verdicts[0].witness) == "0.1000000000000000000001"


def test_a_large_openapi_document_is_compared() -> None:
    def document(limit: int) -> dict[str, Any]:
        def thing(number: int) -> dict[str, Any]:
            fields: dict[str, Any] = {
                f"f{at}": {**TEXT, "maxLength": limit if at == number % 10 else 50} for at in range(9)
            }
            return {
                "type": "object",
                "properties": {**fields, "next": {"$ref": f"#/components/schemas/T{number * 7 % 200}"}},
            }

        schemas = {f"T{number}": thing(number) for number in range(200)}
        return {
            "openapi": "3.1.0",
            "info": {"title": "t", "version": "1"},
            "paths": {},
            "components": {"schemas": schemas},
        }

    report = compare(one(document(40)), one(document(30)))
    assert len(report.verdicts) == 200
    assert {one.rule for one in report.findings if one.severity == "error"} == {"LENGTH_TIGHTENED"}
    assert all(one.shown for one in report.findings if one.outcome == "breaks")
