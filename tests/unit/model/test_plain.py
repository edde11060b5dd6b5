"""Text of the API's in our sentences, text of ours in its requests."""

from review.model.plain import plain, whole


def test_text_of_others_is_one_short_printable_line() -> None:
    assert plain("a\r\n\tb\x1b[0m\u202ec\u200b d ") == "a b [0m c d"
    assert plain("x" * 301) == "x" * 299 + "…"
    assert plain("x" * 300) == "x" * 300
    assert plain(None) == "None"


def test_text_of_others_shows_no_secret() -> None:
    assert plain("key my-own-key, ghp_0123456789abcdefghij.", ("my-own-key",)) == "key (redacted), (redacted)."
    assert "sk-ant" not in plain("y" * 290 + " sk-ant-api03-0123456789abcdef")


def test_half_characters_are_replaced_wherever_they_are() -> None:
    assert whole({"a\ud800": ["b\udfff", ("c", 1, None, True)]}) == {"a\ufffd": ["b\ufffd", ["c", 1, None, True]]}
    assert whole("😀") == "😀"
