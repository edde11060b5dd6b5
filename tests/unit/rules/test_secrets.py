"""Keys and tokens of each form are found, and not shown. They are put together here: none stands in this file."""

import time

import pytest

from review.domain.artifact import Kind, Version
from review.domain.redaction import redact
from review.rules.source import Source
from review.rules.spark.credential_in_code import rule as by_name
from review.rules.trust import password_in_code as in_code
from review.rules.trust import password_in_settings as in_settings
from review.rules.trust.committed_secret import rule

LETTERS = "q7Rf2LmZ9xKc4TnW8vBp3HsD6yGj5QaE"
HEX = "9f3c71e0b8d24a65" * 2

SECRETS = {
    "an AWS access key": "AKIA" + "Q7RF2LMZ9XKC4TNW",
    "the access key of an Azure storage account": "AccountKey=" + (LETTERS * 3)[:86] + "==",
    "a shared access key of Azure": "SharedAccessKey=" + (LETTERS * 2)[:43] + "=",
    "a signed address of Azure": "https://shop.blob.core.windows.net/raw?sv=2022-11-02&sig="
    + (LETTERS * 2)[:43]
    + "%3D",
    "an npm token": "npm_" + LETTERS + "x4Kd",
    "a GitHub token": "ghp_" + LETTERS + "x4Kd",
    "a GitLab token": "glpat-" + LETTERS[:20],
    "an OpenAI key": "sk-" + LETTERS[:20] + "T3Blbk" + "FJ" + LETTERS[5:25],
    "a PyPI token": "pypi-AgEIcHlwaS5v" + "cmc" + LETTERS * 3,
    "a SendGrid key": "SG." + LETTERS[:22] + "." + (LETTERS * 2)[:43],
    "a Slack token or webhook": "https://hooks.slack.com/" + "services/T9XKC4TNW/B8VBP3HSD/" + LETTERS[:24],
    "a Stripe key": "sk_" + "live_" + LETTERS[:24],
    "a Databricks token": "dapi" + HEX,
    "a dbt Cloud token": "dbtc_" + LETTERS + "aZ",
    "a Google API key": "AIza" + LETTERS + "x4K",
    "an Anthropic key": "sk-ant-" + "api03-" + LETTERS * 3,
    "a private key": "-----BEGIN RSA PRIVATE " + "KEY-----\\n" + LETTERS * 2 + "\\n" + LETTERS * 2,
}


def hits(text: str, path: str = "dags/orders.py") -> list[str]:
    found, problem = rule.look(Source(Version(path, text), Kind.DAG))
    assert problem is None
    return [f"{hit.line} {hit.title} {hit.evidence} {hit.explanation}" for hit in found]


@pytest.mark.parametrize("what", SECRETS)
def test_each_form_is_found_once_and_not_shown(what: str) -> None:
    secret = SECRETS[what]
    (hit,) = hits(f'x = 1\nvalue = "{secret}"\n')
    assert hit.startswith("2 ")
    assert what in hit
    assert all(secret[start : start + 12] not in hit for start in range(6, len(secret) - 12))
    assert redact(hit) == hit


@pytest.mark.parametrize("what", ["an AWS access key", "a GitHub token", "a Stripe key", "a Google API key"])
def test_a_part_of_a_longer_word_is_none(what: str) -> None:
    assert hits(f'value = "{SECRETS[what]}aaaa{SECRETS[what]}"') == []


def test_a_token_under_a_name_that_tells_it_is_found_once() -> None:
    text = f'api_token = "{SECRETS["a Databricks token"]}"\npassword = "kU7-quay-Lantern"\n'
    source = Source(Version("dags/orders.py", text), Kind.DAG)
    assert [[hit.line for hit in each.look(source)[0]] for each in (rule, by_name)] == [[1], [2]]


def test_another_secret_has_other_evidence() -> None:
    one, other = hits(f'a = "AKIA{"Q7RF2LMZ9XKC4TNW"}"\nb = "AKIA{"R7RF2LMZ9XKC4TNW"}"')
    assert one[2:] != other[2:]


@pytest.mark.parametrize(
    "line",
    [
        '"gmApiKey": "KEY",',
        '"googleMapsKey": "KEY",',
        "GOOGLE_MAPS_API_KEY = 'KEY'",
        "BROWSER_KEY=KEY",
        '"settings": "{\\\\"gmApiKey\\\\":\\\\"KEY\\\\"}"',
        '<script src="https://maps.googleapis.com/maps/api/js?libraries=places&key=KEY"></script>',
        'firebase.initializeApp({apiKey: "KEY", authDomain: "shop.firebaseapp.com"})',
        'firebase.initializeApp({\n  apiKey: "KEY",\n  authDomain: "shop.firebaseapp.com"\n})',
    ],
)
def test_a_key_that_each_browser_gets_is_none(line: str) -> None:
    assert hits(line.replace("KEY", SECRETS["a Google API key"])) == []
    assert len(hits(f'token = "{SECRETS["a Databricks token"]}"  # {line}')) == 1


@pytest.mark.parametrize(
    "line",
    [
        '"youtubeApiKey": "KEY",',
        '"mappings": "KEY",',
        "https://maps.googleapis.com/maps/api/geocode/json?key=KEY",
        'maps_url = "https://maps.googleapis.com/maps/api/js"\nkey = "KEY"',
        f'authDomain = "a"{chr(10) * 30}apiKey = "KEY"',
    ],
)
def test_a_key_of_a_server_is_one(line: str) -> None:
    assert len(hits(line.replace("KEY", SECRETS["a Google API key"]))) == 1


def test_key_on_lines_of_its_own() -> None:
    body = "\n".join([LETTERS * 2] * 4)
    (hit,) = hits(f'KEY = """\n-----BEGIN {"PRIVATE"} KEY-----\n{body}\n-----END {"PRIVATE"} KEY-----\n"""')
    assert hit.startswith("2 A private key is committed")


def test_far_down_a_long_line() -> None:
    filler = "a = 1; " * 3_000
    assert len(hits(f"{filler}'{SECRETS['a Databricks token']}'")) == 1


@pytest.mark.parametrize(
    "piece",
    ["eyJ", "://a", "//:_authToken=", "://a:b", "xoxb-1-", "jdbc:a:", "://:a", "?sig=", "SG.", "BEGIN PRIVATE KEY "],
)
def test_hostile_lines_take_linear_time(piece: str) -> None:
    started = time.process_time()
    hits(piece * (400_000 // len(piece)))
    assert time.process_time() - started < 5


@pytest.mark.parametrize("path", ["a.yml", "a.json", "a.env", "a.toml"])
@pytest.mark.parametrize(
    "piece",
    [
        "password: ",
        "password=",
        "{",
        "[",
        "- ",
        "&a *a ",
        "a: &a b\n",
        '"password": "x7y8z9w0",\n',
        "[a]\n",
        "x" * 99,
        "://a:",
    ],
)
def test_hostile_settings_take_linear_time(path: str, piece: str) -> None:
    started = time.process_time()
    list(in_settings.look(path, piece * (400_000 // len(piece))))
    assert time.process_time() - started < 5


@pytest.mark.parametrize("path", ["a.yml", "a.env"])
def test_many_secrets_in_one_section_take_linear_time(path: str) -> None:
    separator = ": " if path == "a.yml" else "="
    text = "".join(f"shop{number}_password{separator}kU7-quay{number}-Lantern\n" for number in range(10_000))
    started = time.process_time()
    assert len(list(in_settings.look(path, text))) > 9_000
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".env.prod", "# shop\nexport SHOP_PASSWORD='kU7-quay-Lantern' # of the loader\n"),
        ("prod.tfvars", 'user = "loader"\ndb_password = "kU7-quay-Lantern"\n'),
        ("a.toml", 'user = "loader"\npassword = "kU7-quay-Lantern"\n'),
        ("airflow.cfg", "[database]\npassword = kU7-quay-Lantern\n"),
        ("a.json", '{"host": "shop-db.acme.io",\n "password": "kU7-quay-Lantern"}'),
        ("app.properties", "shop.user=loader\nshop.datasource.password=kU7-quay-Lantern\n"),
        ("Dockerfile", "FROM x\nENV SHOP_PASSWORD=kU7-quay-Lantern\n"),
        ("values.yaml", "a: 1\nshopPassword: kU7-quay-Lantern\n"),
    ],
)
def test_settings_of_many_formats(path: str, text: str) -> None:
    (hit,) = in_settings.look(path, text)
    assert (hit.line, "Lantern" in repr(hit)) == (2, False)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("docker-compose.yml", "services: {db: {environment: {POSTGRES_PASSWORD: kU7-quay-Lantern}}}"),
        (".env.example", "PASSWORD=kU7-quay-Lantern"),
        (".github/workflows/ci.yml", "env: {PGPASSWORD: kU7-quay-Lantern}"),
        ("notes.md", "password: kU7-quay-Lantern"),
        ("app/locales/de.json", '{"login.password": "Kennwort?", "api_token": "x1y2z3w4 q"}'),
        ("i18n/sv.yaml", "password: L0senord-bytt\n"),
        ("labels.json", '{"forgot_password": "Vergessen?"}'),
        ("a.toml", 'host = "localhost"\npassword = "kU7-quay-Lantern"\n'),
        ("prod.sh", 'PASSWORD="$(vault read shop-1)"\nPASSWORD=`cat /run/shop1`\n'),
        ("key.env", f"API_TOKEN={SECRETS['a Databricks token']}"),
    ],
)
def test_settings_that_hold_none(path: str, text: str) -> None:
    assert list(in_settings.look(path, text)) == []


@pytest.mark.parametrize(
    ("path", "text", "lines"),
    [
        ("deploy/run.sh", "export PGPASSWORD='kU7-quay-Lantern'\nPGPASSWORD=kU7-quay-Lantern psql -h db\n", [1, 2]),
        ("deploy/run.sh", 'PGPASSWORD="$PW" psql\nPGPASSWORD=$(vault read db7) psql\n', []),
        ("spark-defaults.conf", f"spark.hadoop.fs.s3a.secret.key  {LETTERS}\n", [1]),
        ("spark-defaults.conf", "spark.hadoop.javax.jdo.option.ConnectionPassword  kU7-quay-Lantern\n", [1]),
        ("spark-defaults.conf", "spark.hadoop.fs.s3a.secret.key  ${SECRET_7}\nspark.key.password is 7 letters\n", []),
        ("main.tf", 'variable "db_password" {\n  type = string\n  default = "kU7-quay-Lantern"\n}\n', [3]),
        ("main.tf", 'variable "db_password" { default = "kU7-quay-Lantern" }\n', [1]),
        (
            "main.tf",
            'variable "db_password" {\n  default = ""\n}\nvariable "size" {\n  default = "kU7-quay-L"\n}\n',
            [],
        ),
        ("docker-compose.yml", "environment:\n  - DB_PASSWORD=kU7-quay-Lantern\n", []),
        ("docker-compose.prod.yml", "environment:\n  - DB_PASSWORD=kU7-quay-Lantern\n", [2]),
        ("settings.toml", f'encryption_key = "{HEX}"\n', [1]),
    ],
)
def test_lines_of_settings(path: str, text: str, lines: list[int]) -> None:
    assert [hit.line for hit in in_settings.look(path, text)] == lines


CODE = f'''import psycopg2
DB_PASSWORD = "kU7-quay-Lantern"
conn = psycopg2.connect(host="db.acme.io", password="kU7-quay-Lantern")
cfg = {{"password": "kU7-quay-Lantern"}}
os.environ["SNOWFLAKE_PASSWORD"] = "kU7-quay-Lantern"
PASSWORD: str = "kU7-quay-Lantern"
def f(user, password: str = "kU7-quay-Lantern"): pass
API_KEY = "{HEX}"
'''


def test_python_that_is_none_of_ours() -> None:
    assert [hit.line for hit in in_code.look("etl/util.py", CODE)] == [2, 3, 4, 5, 6, 7, 8]
    assert [hit.line for hit in in_code.look("etl/util.py", CODE + "'''")] == [2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    "line",
    [
        'password = os.environ["SHOP_PASSWORD_7"]',
        'password = f"kU7-{quay}-Lantern"',
        'password = "kU7-quay-%s" % name',
        'password = "kU7-quay-" + name',
        'if password == "kU7-quay-Lantern": pass',
        'x = {"password": "string(7)", "secret_name": "kU7-quay-Lantern"}',
        'x = password if a else "kU7-quay-Lantern"',
        'connect(host="localhost", password="kU7-quay-Lantern")',
        'help = "password: kU7-quay-Lantern"',
        '# password = "kU7-quay-Lantern"',
        'password = "changeme123"',
        "password = '",
        "password = (" * 5_000 + '"kU7"',
    ],
)
def test_python_without_a_secret(line: str) -> None:
    assert list(in_code.look("etl/util.py", f"{line}\n")) == []


@pytest.mark.parametrize("path", ["tests/util.py", "examples/util.py", "etl/dev/util.py", "etl/util_local.py", "a.pyi"])
def test_python_that_does_not_last(path: str) -> None:
    assert list(in_code.look(path, CODE)) == []
