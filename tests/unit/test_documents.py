from __future__ import annotations

import json
from pathlib import Path

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode

from kg.columns import Dictionary
from kg.documents import read_document, read_documents
from kg.errors import ParseError
from kg.vouching import vouch


def test_a_fault_names_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "bad.ttl"
    file.write_text("@prefix e: <https://example.org/> .\ne:a e:b e:c .\ne:a e:b .\n")
    with pytest.raises(ParseError) as caught:
        read_document(file)
    assert (caught.value.file, caught.value.line) == (str(file), 3)
    assert str(caught.value).startswith(f"{file}:3: ")


@pytest.mark.parametrize("name", ["facts.csv", "facts"])
def test_an_unknown_suffix_lists_those_that_are_known(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    with pytest.raises(ParseError, match=r"\.ttl, \.nt, \.rdf, \.jsonld"):
        read_document(tmp_path / name)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(ParseError, match="No such file"):
        read_document(tmp_path / "none.ttl")


def test_not_utf8_is_a_fault_with_the_file(tmp_path: Path) -> None:
    file = tmp_path / "latin.ttl"
    file.write_bytes('<https://e.org/a> <https://e.org/b> "é" .'.encode("latin-1"))
    with pytest.raises(ParseError, match=r"latin\.ttl"):
        read_document(file)


def test_blank_nodes_get_names_that_do_not_depend_on_their_labels_or_order(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder, text in (
        (one, '_:a <https://e.org/p> _:b . _:b <https://e.org/q> "x" .'),
        (two, '_:z <https://e.org/q> "x" . _:y <https://e.org/p> _:z .'),
    ):
        folder.mkdir()
        (folder / "facts.ttl").write_text(text)
    first, second = read_document(one / "facts.ttl"), read_document(two / "facts.ttl")
    assert set(first.triples) == set(second.triples)
    assert not any(isinstance(t.subject, BlankNode) for t in first.triples)


def test_two_files_of_one_name_are_two_sources(tmp_path: Path) -> None:
    paths = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        paths.append(tmp_path / folder / "my facts.ttl")
        paths[-1].write_text("")
    assert [d.name for d in read_documents(paths)] == ["my-facts", "my-facts-2"]


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        (".nt", '<https://e.org/a> <https://e.org/b> "x" .'),
        (".jsonld", '{"@id": "https://e.org/a", "https://e.org/b": "x"}'),
        (
            ".rdf",
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="https://e.org/">'
            '<rdf:Description rdf:about="https://e.org/a"><e:b>x</e:b></rdf:Description></rdf:RDF>',
        ),
    ],
)
def test_other_formats_read_alike(tmp_path: Path, suffix: str, text: str) -> None:
    file, turtle = tmp_path / f"f{suffix}", tmp_path / "g.ttl"
    file.write_text(text)
    turtle.write_text('<https://e.org/a> <https://e.org/b> "x" .')
    assert set(read_document(file).triples) == set(read_document(turtle).triples)


@pytest.mark.parametrize("depth", [501, 100_000])
def test_nested_deeper_than_a_parser_can_go(tmp_path: Path, depth: int) -> None:
    file = tmp_path / "deep.jsonld"
    file.write_text('{"@id":"x:a","x:b":' * depth + '"c"' + "}" * depth)
    with pytest.raises(ParseError, match="nested more than 500 deep"):
        read_document(file)


def test_brackets_in_text_are_text(tmp_path: Path) -> None:
    file = tmp_path / "text.jsonld"
    file.write_text(json.dumps({"@id": "x:a", "x:b": '\\"' + "{[" * 1000}))
    assert [str(t.object.value) for t in read_document(file).triples] == ['\\"' + "{[" * 1000]  # type: ignore[union-attr]


LINE = "<https://example.org/a> <https://example.org/b> "


@pytest.mark.parametrize(
    "obj", ['"plain"', r'"a \"quoted\" one"@pt-br', '"2018"^^<http://www.w3.org/2001/XMLSchema#gYear>']
)
def test_what_an_importer_wrote_is_taken_as_it_is(tmp_path: Path, obj: str) -> None:
    file = tmp_path / "facts.nt"
    file.write_bytes(vouch("sipri", f"{LINE}{obj} .\n".encode()))
    document, dictionary = read_document(file), Dictionary()
    assert document.importer
    assert document.n_triples() == file.read_bytes()
    assert tuple(document.columns(dictionary).decode(dictionary)) == document.triples


@pytest.mark.parametrize(
    "obj",
    [
        "_:x",
        r'"\u00e9"',
        '"\x01"',
        '"\ufffe"',
        '"a"@EN',
        "<https://example.org/%C3%A9>",
        "<urn:a>",
        '"a"^^<http://www.w3.org/2001/XMLSchema#string>',
    ],
)
def test_terms_that_could_be_written_in_two_ways_are_parsed(tmp_path: Path, obj: str) -> None:
    file, plain = tmp_path / "facts.nt", tmp_path / "plain" / "facts.nt"
    plain.parent.mkdir()
    plain.write_text(f"{LINE}{obj} .\n", encoding="utf-8")
    file.write_bytes(vouch("sipri", plain.read_bytes()))
    dictionary = Dictionary()
    for document in map(read_document, (file, plain)):
        (triple,) = document.columns(dictionary).decode(dictionary)
        assert document.triples == (triple,) == read_document(plain).triples
    assert read_document(file).importer and not read_document(plain).importer


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"this is no triple\n", "facts.nt:2"),
        (f"{LINE}nonsense .\n".encode(), "facts.nt:2"),
        (b"<https://example.org/a> <no iri> <urn:c> .\n", "facts.nt:2"),
        (f"{LINE}<https://example.org/%zz> .\n".encode(), "facts.nt:2"),
        (f'{LINE}"one" .\n{LINE}"two\n'.encode(), "facts.nt:3"),
        (b"\xff\xfe\n", "facts.nt"),
        (LINE.encode() + b'"\xff" .\n', "facts.nt"),
    ],
)
def test_a_file_that_vouches_for_itself_is_still_held_to_the_syntax(tmp_path: Path, body: bytes, fault: str) -> None:
    file = tmp_path / "facts.nt"
    file.write_bytes(vouch("sipri", body))
    with pytest.raises(ParseError) as error:
        read_document(file)
    assert fault in str(error.value)


PIECES = st.lists(
    st.sampled_from(
        [
            "<https://example.org/a>",
            '"',
            "a",
            " ",
            ".",
            "\n",
            "<",
            ">",
            "#",
            "%",
            "\\",
            "u0041",
            "@",
            "en",
            "^^",
            "_:b",
            "é",
        ]
    ),
    max_size=30,
).map("".join)


@given(obj=PIECES)
def test_what_is_read_without_a_parser_a_parser_reads_alike(tmp_path_factory: pytest.TempPathFactory, obj: str) -> None:
    file = tmp_path_factory.mktemp("pieces") / "facts.nt"
    data = vouch("sipri", f"{LINE}{obj} .\n".encode())
    file.write_bytes(data)
    try:
        wanted = [quad.triple for quad in pyoxigraph.parse(data, format=pyoxigraph.RdfFormat.N_TRIPLES)]
    except (SyntaxError, ValueError):
        with pytest.raises(ParseError):
            read_document(file)
        return
    document, dictionary = read_document(file), Dictionary()
    found = list(document.columns(dictionary).decode(dictionary))
    assert found == list(document.triples)
    if "_:" not in obj:
        assert found == list(dict.fromkeys(wanted))
