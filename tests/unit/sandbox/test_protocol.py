import json

import pytest

from review.sandbox.protocol import Answer, Trouble, UnreadableError, decode, encode


def test_a_message_is_one_line_of_ascii_whatever_it_holds() -> None:
    text = "a\nb\r\u2028c\u0085 é \udcff \x00 \x1b[31m"
    line = encode({"kind": "job", "data": {"text": text}})
    assert line.isascii()
    assert (line.count(b"\n"), line[-1:]) == (1, b"\n")
    assert json.loads(line)["data"]["text"] == text


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (b'{"answer":{"a":1}}', Answer({"a": 1})),
        (b'{"answer":{}}', Answer({})),
        (b'{"answer":{},"more":1}', Answer({})),
        (b'{"failure":"memory"}', Answer(trouble=Trouble.MEMORY)),
        (b'{"failure":"recursion"}', Answer(trouble=Trouble.RECURSION)),
        (b'{"failure":"ValueError"}', Answer(failure="ValueError")),
        (b'{"answer":null,"failure":"ValueError"}', Answer(failure="ValueError")),
        (b'{"answer":{"a":1},"failure":"memory"}', Answer(trouble=Trouble.MEMORY)),
    ],
)
def test_what_is_believed(line: bytes, answer: Answer) -> None:
    assert decode(line) == answer


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"no json",
        b"{",
        b"[]",
        b"1",
        b"null",
        b"{}",
        b'{"answer":[]}',
        b'{"answer":"text"}',
        b'{"answer":null}',
        b'{"failure":1}',
        b'{"failure":["memory"]}',
        b'{"answer":{}} {"answer":{}}',
        b"\xff\xfe",
        b"\x80\x04\x95.",
        b"[" * 200_000,
        b'{"answer":' * 200_000,
        b'{"answer":' + b"9" * 5_000 + b"}",
    ],
    ids=lambda line: repr(line[:24]),
)
def test_anything_else_is_unreadable(line: bytes) -> None:
    with pytest.raises(UnreadableError):
        decode(line)


def test_a_failure_is_short_and_printable() -> None:
    failure = decode(json.dumps({"failure": "a\n::error::b\x1b[31m\u202e\u2028" + "x" * 1000}).encode()).failure
    assert failure is not None
    assert failure.startswith("a::error::b[31mxxx")
    assert len(failure) <= 200
    assert failure.isprintable()
