"""Hostile text: whatever a pull request puts into a path, a name or a reason shows as words and does nothing."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from review.render.comment import inline_comment, summary_comment
from review.render.escape import code, exact_block, lines, plain, prose, redact
from review.render.markdown import markdown
from review.render.markers import read_finding, read_state
from tests.unit.render.builders import FCT, finding, review, skipped
from tests.unit.render.examples import artifacts

GITHUB = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])

HOSTILE = {
    "image": "![x](https://evil.example/p.png)",
    "link": "[click](https://evil.example)",
    "reference link": "[click][1] [1]: https://evil.example",
    "autolink": "<https://evil.example>",
    "bare address": "https://evil.example and http://evil.example",
    "www": "www.evil.example and WWW.evil.example",
    "mail": "mail@evil.example <mail@evil.example>",
    "mention": "@octocat @acme/data-team",
    "issue": "#123 acme/shop#123 GH-123 gh-9",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)><b>",
    "entity": "&lt;img&gt; &#64;octocat &commat;octocat",
    "comment": "<!-- data-review:summary -->",
    "open comment": "<!-- all that follows is gone",
    "details": "</summary></details>",
    "backtick": "a ` b `` c",
    "backticks": "```\nfenced\n```",
    "open code": "`open",
    "pipe": "a | b || c",
    "emphasis": "**bold** __bold__ *it* _it_ ~~gone~~",
    "heading": "# Heading",
    "setext": "Heading\n=======",
    "list": "- item\n1. item\n+ item",
    "quote": "> quote",
    "rule": "---",
    "maths": "$\\unicode{x}$ $$x$$",
    "backslash": "\\*a\\* \\",
    "backslash and pipe": "a\\|b \\\\| c",
    "footnote": "[^1] [^1]: x",
    "break": "a  \nb\r\nc\u2028d\u2029e\x0bf\x0cg\x85h",
    "bidi": "a\u202eb\u2066c\u200fd",
    "zero width": "a\u200bb\u200dc\ufeffd\u00ade",
    "control": "a\x1b[31mb\x07c\x00d",
    "surrogate": "a\udcffb",
    "command": "::error::x\n::set-output name=a::b",
    "old command": "##[error]x",
    "table": "| a | b |\n|---|---|\n| c | d |",
}


def shown(text: str) -> str:
    """What a person sees: the text of the rendered page, without what shows nothing."""
    html = GITHUB.render(text)
    assert not re.search(r"<(?!/?(p|code|strong|h3|ul|li|em|br)\b)", html), html
    return re.sub(r"<[^>]+>", "", html).replace("\u200b", "").strip()


def html_of(text: str) -> str:
    return plain(text, 10_000).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_prose_shows_the_words_and_does_nothing(text: str) -> None:
    out = prose(text)
    assert "\n" not in out
    assert not re.search(r"@\w|#\d|(?i:\bgh-\d)|://|(?i:www\.)|<|##\[", re.sub(r"(`+).*?\1", "", out))
    html = GITHUB.render(out)
    assert not re.search(r"<(?!/?(p|code)\b)", html), html


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_code_shows_the_text_as_code(text: str) -> None:
    out = code(text)
    assert "\n" not in out
    assert "<!--" not in out
    assert GITHUB.render(out).count("<code>") == 1
    assert shown(out).split() == html_of(text).split()


@settings(derandomize=True, database=None, deadline=None)
@given(st.text(max_size=60))
def test_any_words_are_shown_and_do_nothing(text: str) -> None:
    words = text.replace("`", "")
    assert shown(prose(words)).split() == html_of(words).split()
    assert re.sub(r"\s", "", shown(f"**{prose(words)}x**")) == re.sub(r"\s", "", html_of(words) + "x")


@settings(derandomize=True, database=None, deadline=None)
@given(st.text(alphabet="`|\\ab<* ", max_size=20))
def test_a_cell_stays_a_cell(text: str) -> None:
    table = f"| a | b |\n|---|---|\n| {prose(text, in_table=True)} | {code(text, in_table=True)} |\n"
    html = GITHUB.render(table)
    assert (html.count("<tr>"), html.count("<td>")) == (2, 2)
    assert f"<code>{html_of(text).strip() or ' '}</code></td>" in html


def test_code_between_backticks_stays_code() -> None:
    assert prose("set `unique_key` in `a|b`") == "set `unique_key` in `a|b`"
    assert prose("`a|b`", in_table=True) == "`a\\|b`"
    assert prose("``a`b``") == "``a`b``"


def test_names_with_underscores_read_as_written() -> None:
    assert prose("fct_order_events and _private") == "fct_order_events and \\_private"


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u200b", "\ufeff", "\x1b", "\x00", "\udcff", "\U000e0041"])
def test_what_does_not_print_is_shown_as_such(sign: str) -> None:
    assert plain(f"a{sign}b") == "a\ufffdb"
    assert lines(f"a{sign}b") == ["a\ufffdb"]


def test_lines_are_those_of_git() -> None:
    assert lines("a\x0cb\n\tc\u2028d\r\n\n  e") == ["a b", "    c d", "", "  e"]


def test_long_texts_are_cut() -> None:
    assert plain("x" * 2_000) == "x" * 1_199 + "…"
    assert len(code("x" * 2_000)) == 302
    assert len(plain("word " * 1_000_000)) <= 1_200


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_review_full_of_it_keeps_its_form(text: str) -> None:
    """In every field at once, the comment has the same structure as with harmless words, and our markers alone."""

    def page(words: str) -> tuple[str, str, str]:
        entry = finding(title=words, explanation=words, remediation=words, evidence="e")
        whole = review(
            [entry], artifacts(), skips=[skipped(words, words), skipped(FCT, words, harmless=True)], notices=(words,)
        )
        return summary_comment(whole), inline_comment(entry, whole), markdown(whole)

    for hostile, plain_page in zip(page(text), page("words"), strict=True):
        tags, expected = (re.findall(r"<(?!/?code\b)/?\w+", GITHUB.render(each)) for each in (hostile, plain_page))
        assert tags == expected
        assert hostile.count("<!--") == plain_page.count("<!--")
        assert "evil.example" not in "".join(re.findall(r"(?:src|href)=\S+", GITHUB.render(hostile)))
    entry = finding(title=text, evidence="e")
    assert read_finding(inline_comment(entry, review([entry]))) == entry.fingerprint
    assert read_state(page(text)[0]) is not None


SECRETS = {
    "github": "ghp_" + "a1B2" * 9,
    "fine-grained": "github_pat_" + "a1B2" * 12,
    "aws": "AKIA" + "ABCD" * 4,
    "anthropic": "sk-ant-" + "a1B2-" * 8,
    "slack": "xoxb-1234567890-abcdef",
    "databricks": "dapi" + "0123456789abcdef" * 2,
    "jwt": "eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl",
    "header": "Bearer abcdefghijklmnop",
    "key in an address": "s3a://AKIAABCDABCDABCDABCD:abcdefgh/hunter2@bucket/x",
    "address": "postgres://admin:hunter2!@db/prod",
    "assigned": "password = 'hunter2 is long'",
    "keyword": 'connect(api_key="hunter2abc")',
    "parameter": "https://x/?token=hunter2abc&a=1",
    "key": "-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\n-----END RSA PRIVATE KEY-----",
    "half a key": "-----BEGIN PRIVATE KEY-----\nMIIEabc",
}


@pytest.mark.parametrize("text", SECRETS.values(), ids=SECRETS.keys())
def test_secrets_are_blotted_out(text: str) -> None:
    for out in (redact(text), plain(text), prose(text), code(text), "\n".join(lines(text))):
        assert "(redacted)" in out
        assert not re.search(r"a1B2|ABCDABCD|1234567890|0123456789|eyJ|hunter2|MIIE|abcdefgh", out)
    assert len(lines(f"a\n{text}\nb")) == text.count("\n") + 3
    assert exact_block(text, "suggestion") is None


def test_words_about_secrets_stay() -> None:
    text = "The password is read from the token store; set `password: ${ENV}` and secret = get('x')."
    assert redact(text).replace("get('x')", "") == text.replace("get('x')", "")


def test_an_exact_block_is_exact_or_not_at_all() -> None:
    assert exact_block("a\n  b", "suggestion") == "```suggestion\na\n  b\n```"
    assert exact_block("", "suggestion") == "```suggestion\n```"
    assert exact_block("\tx = '```'", "suggestion") == "````suggestion\n\tx = '```'\n````"
    for text in ("a\u202eb", "a\rb", "<!-- x -->", "a\x00", "x" * 60_000):
        assert exact_block(text, "suggestion") is None


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("create user u password 'x'", "create user u password '(redacted)'"),
        ('alter role r PASSWORD  "x y"', 'alter role r PASSWORD  "(redacted)"'),
        ("create user u identified by 'x';", "create user u identified by '(redacted)';"),
        ("password=Hunter2secret9", "password=(redacted)"),
        ("it says DB_PASSWORD=Hunter2secret9, so", "it says DB_PASSWORD=(redacted), so"),
        ("host=h api_key=A-b/c+d%9!x port=1", "host=h api_key=(redacted) port=1"),
        ("the password=Hunter2secret9. Then", "the password=(redacted). Then"),
        ("token=abcDEF12345==", "token=(redacted)"),
    ],
)
def test_passwords_as_sql_prose_and_shells_have_them(text: str, kept: str) -> None:
    assert redact(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "connect(password=get_secret())",
        "connect(password=get_secret2())",
        "connect(password=settings.DB1_PASS)",
        "connect(password=settings1.DB_PASS)",
        'connect(token=os.environ["X1"])',
        'connect(token=environment1["X"])',
        "password=get_variable",
        "connect(password=get_v2_secret)",
        "connect(secret=SECRET_KEY_2)",
        "token=short1",
        "the password of 'x' and identified by them",
    ],
)
def test_where_a_program_gets_its_secrets_is_none(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize("text", ["-eyJ" * 40_000, "eyJ" * 40_000, "eyJabcdefgh." * 10_000, "password=a-" * 20_000])
def test_no_text_takes_for_ever(text: str) -> None:
    started = time.process_time()
    redact(text)
    assert time.process_time() - started < 1
