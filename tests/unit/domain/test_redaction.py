"""Secrets are blotted out wherever they stand. They are put together here: none stands in this file."""

import time

import pytest

from review.domain.redaction import digested, redact, redact_file, secrets_of

PASSWORD = "Qq7-" + "topaz-Lamp"
HEX = "f3b9c2d7e1a84c6f" + "b05d9e7c3a1f8b26"
KEY = "kJf92hsdKJ3kd9Jdk2kd" + "kDKdkfjKSdjf29dk3kf9d=="
SIGNATURE = "h8Xk2pQv7LmR4tWz9Yb1" + "Nc6Jd3Gf5Hs0UaTe4Vo1Kq8%3D"

SHOWN = {
    "azure's setting": f'spark.conf.set("fs.azure.account.key.acme.dfs.core.windows.net", "{KEY}")',
    "setting of a header": f'"X-Api-Key": "{HEX}",',
    "scala's pair": f'"password" -> "{PASSWORD}")',
    "annotated": f'password: str = "{PASSWORD}"',
    "annotated default": f'def f(password: str | None = "{PASSWORD}"):',
    "scala's value": f'val dbPassword: String = "{PASSWORD}"',
    "subscript": f'os.environ["SHOP_PASSWORD"] = "{PASSWORD}"',
    "raw string": f'password = r"{PASSWORD}"',
    "in brackets": f'password = (\n    "{PASSWORD}"\n)',
    "three quotes": f'password = """{PASSWORD}"""',
    "with a quote in it": f'password = "Aa1\\"{PASSWORD}"',
    "a notebook's line": f'"password = \\"{PASSWORD}\\"\\n",',
    "joined strings": f'TOKEN = "{HEX}" "{PASSWORD}"',
    "joined on the next line": f'TOKEN = ("{HEX}"\n    "{PASSWORD}")',
    "added strings": f'token = "{HEX}" + "{PASSWORD}"',
    "curl": f"curl --fail -u admin:{PASSWORD} https://api.acme.io/x",
    "curl, long": f"curl --user=admin:{PASSWORD} https://api.acme.io/x",
    "mysql": f"mysql -u root -p{PASSWORD} shop",
    "mysqldump": f"mysqldump -h db -p{PASSWORD} shop",
    "sqlplus": f"sqlplus scott/{PASSWORD}@db @x.sql",
    "sqlplus -s": f"sqlplus -s scott/{PASSWORD}@db @x.sql",
    "sshpass": f"sshpass -p {PASSWORD} ssh a@b",
    "an argument": f"run --token x --pw {PASSWORD} now",
    "a login": f'requests.get(url, auth=("admin", "{PASSWORD}"), timeout=3)',
    "shared access": f'"wasbs://c@acme.blob.core.windows.net/x?sv=2022-11-02&sig={SIGNATURE}"',
    "shared access by https": f"https://acme.blob.core.windows.net/x?sv=2022&sp=rwl&sig={SIGNATURE}",
    "presigned": f"https://b.s3.amazonaws.com/x?X-Amz-Signature={HEX}&a=1",
    "a query of a file": f"file:///data/x?{HEX}",
    "a key in an address": f"https://api.acme.io/?key={PASSWORD}",
    "in a query": f"where lower(password) = '{PASSWORD}'",
    "yaml, small letters": f"  - api_token: {HEX}  # of the loader",
    "yaml, in one line": f"{{user: a, password: {PASSWORD}}}",
    "shell": f"export SHOP_API_KEY={HEX}",
    "yaml": f"db_password: {PASSWORD}",
}


@pytest.mark.parametrize("text", SHOWN.values(), ids=SHOWN)
def test_is_not_shown(text: str) -> None:
    out = redact(text)
    assert "(redacted)" in out
    assert not any(secret in out for secret in ("topaz", "Lamp", HEX[:8], HEX[-8:], KEY[4:12], SIGNATURE[4:12]))
    assert out.count("\n") == text.count("\n")
    assert redact(out) == out


@pytest.mark.parametrize(
    "text",
    [
        "mysql -p shop",
        "mysql -u root -p$MYSQL_PWD shop",
        "curl -u $USER:$PASSWORD https://x",
        'curl -u "admin:{{ var.value.x1 }}" https://x',
        "curl -u admin https://api.acme.io:8080/x",
        "sqlplus / as sysdba",
        "run --token $TOKEN1 --password-file /run/secret1",
        "https://acme.io/?sv=2022-11-02&key=orders",
        "s3://lake/orders/day=2024-01-01/",
        'auth=(user, os.environ["X1"])',
        "password: str",
        '"password": conn["password"],\n"driver": "org.postgresql.Driver"',
        "    token: OAuth2Token",
        "def f(token: OAuth2Token, secret: Secret2) -> None:",
        "connect(password=get_v2_secret_of_shop)",
        "password: {{ env_var('X1') }}",
        "password: ${SHOP_PASSWORD_1}",
        "token: {{ env_var('X1') }}",
        "def f(password: str, name: str) -> None:",
        "select token, name from t where a = 'x'",
    ],
)
def test_what_is_none_stays(text: str) -> None:
    assert redact(text) == text


def test_a_secret_is_blotted_out_in_the_whole_of_its_file() -> None:
    text = f'password = "{PASSWORD}"\nprint("login with {PASSWORD}")\nrun("-x {PASSWORD}")\n'
    out = redact_file(text)
    assert "topaz" not in out
    assert out.count("\n") == 3


def test_words_are_no_secrets_of_a_file() -> None:
    text = 'columns = ["password", "email"]\npassword = "{{ var }}"\ntoken = "customer_id"\nemail = 1\n'
    assert secrets_of(text) == ()


def test_what_is_told_of_secrets_tells_one_from_another_and_stays() -> None:
    one, other = (digested(f"then '{each}'", [PASSWORD, HEX]) for each in (PASSWORD, HEX))
    assert one != other
    assert redact(one) == one
    assert PASSWORD not in one
    assert digested(one, [PASSWORD, HEX]) == one


PIECES = (
    'password="', "password='x ", 'password: a', 'password="\\', 'token = "a" ', "curl -u ", "mysql ", "sqlplus a ",
    "token: a1-", "api_key=a1",
    "https://x?sig=", "s3://", "auth=('", "--password ", "password: [[[ ", "access.key.", "-p", '"a" "b" ',
)  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
def test_hostile_texts_take_linear_time(piece: str) -> None:
    started = time.process_time()
    redact_file(piece * (100_000 // len(piece)))
    assert time.process_time() - started < 2


def test_a_secret_that_was_cut_is_no_less_one() -> None:
    assert redact(f"then '{KEY[:30]}…", [KEY]) == "then '(redacted)…"
    assert KEY[:9] not in digested(f"then '{KEY[:30]}", [KEY])
