"""Policy files, good and bad: what the reader and the schema are both held against."""

WHOLE = """\
fail-on: medium
paths: [models/, "dags/**/*.py", "!models/old/"]
paths-ignore:
  - "*.csv"
generated:
  - models/generated/**
rules:
  select: [DBT001, SQL002]
  ignore: [SQL003, AM04]
  severity:
    DBT001: low
sqlfluff:
  dialect:
    models/: snowflake
    models/lake/**: trino
  rules: [ambiguous, AM04, references.from]
context:
  volume: 2 million rows a day
  freshness: |
    marts by 07:00 UTC,
    finance reads them first
  notes: no Kafka
waivers:
  - rule: DBT001
    path: models/legacy/**
    owner: "@shop/data"
    reason: moved in spring
    expires: 2027-01-15
  - rule: SQL002
    path: models/
    owner: "@shop/data"
    reason: "until the migration #12"
    expires: "2027-01-14"
shadow-until: 2027-02-28
break-glass:
  label: data-urgent
ignore-comments: maintain
version: 1
overrides:
  - paths: [dags/sandbox/, "models/sandbox/**"]
    fail-on: never
    ignore: [AM04, SQL003, SQL004]
  - paths: ["**/prod/**", "!**/prod/drafts/**"]
    fail-on: low
    ignore: []
    severity:
      DBT001: critical
"""

GOOD = [
    WHOLE,
    "",
    "# nothing yet\n",
    "fail-on:",
    "rules:\n",
    "rules:\nwaivers:\noverrides:\nbreak-glass:\nshadow-until:\nversion:\nignore-comments:\n",
    "paths: []",
    "overrides: []",
    "sqlfluff:\n  rules:\n",
    "{}",
    "---\nfail-on: high\n...\n",
    "\ufefffail-on: low\n",
    "fail-on: low\r\nversion: 1\r\n",
    "version: 1",
    'shadow-until: "2027-03-31"',
    "break-glass: {label: 'urgent: data 🔥'}",
    f"break-glass: {{label: {'x' * 50}}}",
    "ignore-comments: never",
    "overrides: [{paths: [a], severity: {}}, {paths: [a], ignore: []}]",
]
"""Files that are taken as they are."""


WAIVER = """\
waivers:
- rule: DBT001
  owner: me
  reason: r
  expires: 2027-03-31
"""
WRONG = [
    ("fail_on: high", 1, "`fail_on` is not a key of the policy (did you mean `fail-on`?)"),
    ("pahts: []", 1, "did you mean `paths`?"),
    ("fail-on: high\ncontexts: x", 2, "`contexts` is not a key of the policy (did you mean `context`?)"),
    ("context: x", 1, "`context` is 'x'; expected a mapping with any of volume, freshness"),
    ("context:\n  sla: 07:00", 2, "`context.sla` is not a key of the policy"),
    (
        "context:\n  volume: 3",
        2,
        "`context.volume` is '3'; expected a text of at most 2,000 characters, all of them printable, in quotes",
    ),
    (f"context:\n  volume: {'x' * 2001}", 2, "expected a text of at most 2,000 characters, all of them printable"),
    ("fail-on: hihg", 1, "`fail-on` is 'hihg'; expected one of critical, high, medium, low, never"),
    ("fail-on: [high]", 1, "`fail-on` is a list; expected one of critical"),
    ("fail-on: 3", 1, "`fail-on` is '3'; expected one of critical, high, medium, low, never."),
    ("fail-on: high\nfail-on: low", 2, "for the second time (first on line 1)"),
    ("- fail-on: high", 1, "is a list; expected a mapping"),
    ("just text", 1, "expected a mapping with any of fail-on"),
    ("1: x", 1, "a key is '1'"),
    ("paths: models", 1, "`paths` is 'models'; expected a list of patterns"),
    ("paths:\n  - models\n  - 5", 3, "`paths[2]` is '5'; expected a pattern as in .gitignore"),
    ("paths:\n  - '#x'", 2, "`paths[1]` is '#x'"),
    ("paths:\n  - './models'", 2, "expected a pattern as in .gitignore, from the repository's root"),
    ("paths:\n  - '!'", 2, "expected a pattern"),
    ("paths:\n  - 'a\\b'", 2, "expected a pattern"),
    ("paths:\n  - ''", 2, "`paths[1]` is empty"),
    ("generated: {a: b}", 1, "`generated` is a mapping; expected a list"),
    ("rules: DBT001", 1, "`rules` is 'DBT001'; expected a mapping with any of select, ignore, severity"),
    ("rules:\n  ignroe: []", 2, "`rules.ignroe` is not a key of the policy (did you mean `ignore`?)"),
    ("rules:\n  ignore: [dbt 001]", 2, "'dbt 001' is no code; expected a rule's code such as DBT001 or its name"),
    ("rules:\n  ignore: [-self-comparison]", 2, "'-self-comparison' is no code"),
    ("rules:\n  ignore: [am99]", 2, "sqlfluff has no rule am99"),
    ("rules:\n  severity:\n    dbt001: low\n    DBT001: high", 4, "gives DBT001 a severity for the second time"),
    ("rules:\n  ignore: [DBT]", 2, "'DBT' is no code"),
    ("rules:\n  ignore:\n    - AM90", 3, "sqlfluff has no rule AM90 (did you mean `AM0"),
    ("rules:\n  severity:\n    XX01: low", 3, "sqlfluff has no rule XX01"),
    ("rules:\n  select: [AM04]", 2, "a code of sqlfluff; `sqlfluff.rules` selects those"),
    ("rules:\n  severity:\n    DBT001: never", 3, "`rules.severity.DBT001` is 'never'; expected one of critical"),
    ("rules:\n  severity:\n    dbt: low", 3, "'dbt' is no code"),
    ("rules:\n  severity: low", 2, "expected a mapping of a rule's code such as DBT001 to a severity"),
    ("sqlfluff:\n  dialect: snowflake", 2, "expected a mapping of patterns to dialects"),
    ("sqlfluff:\n  dialect:\n    models/: snowflak", 3, "did you mean `snowflake`?"),
    ("sqlfluff:\n  dialect:\n    ./models/: snowflake", 3, "expected a pattern"),
    ("sqlfluff:\n  rules: [AM]", 2, "`sqlfluff.rules[1]` is 'AM'; expected a sqlfluff code such as AM04"),
    ("sqlfluff:\n  rules: [ambiguos]", 2, "or a group: all, core"),
    ("sqlfluff:\n  library_path: x", 2, "`sqlfluff.library_path` is not a key"),
    ("waivers: {}", 1, "`waivers` is a mapping; expected a list of waivers"),
    ("waivers:\n  - rule: DBT001\n    path: a", 2, "`waivers[1]` has no owner, no reason, no expires"),
    ("waivers:\n  - DBT001", 2, "`waivers[1]` is 'DBT001'; expected a mapping"),
    ("paths: &a [x]\ngenerated: *a", 1, "anchors (&name) and aliases (*name) are not accepted"),
    ("paths: [[[[[[[[[[x]]]]]]]]]]", 1, "nested more than 8 deep"),
    ("<<: {fail-on: low}", 1, "`<<` is not accepted; write the keys out"),
    ("rules:\n  severity:\n    <<: {DBT001: low}", 3, "`<<` is not accepted"),
    (
        "rules:\n  select: [DBT001]\n  ignore:\n  - SQL001\n  - DBT001",
        5,
        "`rules.ignore` holds DBT001, which `rules.select` holds as well (line 2); take it out of one of them",
    ),
    ("paths: [", 1, "not YAML (a bracket is not closed, or a comma is one too many)"),
    ("paths: [a", 1, "not YAML (the `[` of line 1 is not closed, or a comma is missing)"),
    ("generated:\npaths: {a: [b, c\n", 3, "not YAML (the `[` of line 2 is not closed, or a comma is missing)"),
    ("paths: {a", 1, "not YAML (the `{` of line 1 is not closed, or a comma is missing)"),
    (
        "a: b: c",
        1,
        "a colon where none can be; put a text that holds one in quotes, or add the one missing a line before",
    ),
    ("fail-on high\npaths: [a]", 2, "not YAML (a colon where none can be; put a text that holds one in"),
    (
        "--- \nfail-on: high\n---\nfail-on: low",
        3,
        "not YAML (a second document begins here; the policy is one document)",
    ),
    ("fail-on: high\n...\nfail-on: low", 3, "not YAML (a second document begins here"),
    (f"{WAIVER}  owner: @shop/data", 6, "not YAML (a value begins with `@`; put it in quotes)"),
    ("\ufeffpaths:\n- `a`", 2, "not YAML (a value begins with ```; put it in quotes)"),
    ("paths: [\ufeff\ufeffa, @a]", 1, "not YAML (a value begins with `@`; put it in quotes)"),
    ("paths:\n  - **/x", 2, "not YAML (a value begins with `*`; put it in quotes)"),
    ("paths: [*.sql]", 1, "not YAML (a value begins with `*`; put it in quotes)"),
    ("paths:\n  - &", 2, "not YAML (a value begins with `&`; put it in quotes)"),
    ("paths:\n  - !models/", 2, "`paths[1]` is '!models/'; expected a pattern"),
    ("context:\n  notes: }x", 2, "not YAML (a value begins with `}`; put it in quotes)"),
    ("paths: - a", 1, "not YAML (a list begins behind its key; write each `- ` on a line of its own)"),
    ("context:\n  notes: 'a\n  b\n", 4, "not YAML (the quote of line 2 is not closed)"),
    ('context:\n  notes: "a\\d"', 2, "not YAML (a backslash in double quotes begins an escape; use single quotes"),
    ("paths: [a]]", 1, "not YAML (`]` is one too many)"),
    ("paths:\n  - a\n - b", 3, "not YAML (the line fits nothing above it; keys and entries that belong together"),
    ("fail-on:\thigh", 1, "not YAML (a tab; indent with spaces, and put spaces before a value)"),
    ("version: 2", 1, "the policy is written for version 2, and this release of the action knows version 1 alone"),
    ("fail-on: hihg\nfuture-key: x\nversion: 12", 3, "the policy is written for version 12"),
    ("version: '1'", 1, "`version` is '1'; expected 1 without quotes, the version of the policy's keys"),
    ("version: 1.0", 1, "`version` is '1.0'; expected 1"),
    ("version: 0", 1, "`version` is '0'; expected 1"),
    ("version: -3", 1, "`version` is '-3'; expected 1"),
    ("version: [1]", 1, "`version` is a list; expected 1"),
    ("versoin: 1", 1, "did you mean `version`?"),
    ("shadow-until: soon", 1, "`shadow-until` is 'soon'; expected a date such as 2027-03-31"),
    ("shadow-until: 31.03.2027", 1, "expected a date such as 2027-03-31"),
    ("shadow-until: 2027-03-31T00:00:00", 1, "expected a date such as 2027-03-31"),
    ("shadow-until: 20270331", 1, "expected a date such as 2027-03-31"),
    ("shadow-until: true", 1, "`shadow-until` is 'true', which is a truth value in YAML; expected a date"),
    ("shadow_until: 2027-03-31", 1, "did you mean `shadow-until`?"),
    ("break-glass: data-urgent", 1, "`break-glass` is 'data-urgent'; expected a mapping with label"),
    ("break-glass: {}", 1, "`break-glass` has no label; expected a label's name."),
    ("break-glass: {label: ''}", 1, "`break-glass.label` is empty; expected a label's name."),
    ('break-glass: {label: "a\\nb"}', 1, "expected a label's name on one line, all of it printable."),
    ("break-glass:\n  label: 5", 2, "`break-glass.label` is '5'; expected a label's name"),
    (f"break-glass:\n  label: {'x' * 51}", 2, "expected a label's name of at most 50 characters"),
    ("break-glass:\n  lable: x", 2, "`break-glass.lable` is not a key of the policy (did you mean `label`?)"),
    ("breakglass: {label: x}", 1, "did you mean `break-glass`?"),
    ("ignore-comments: everybody", 1, "expected one of write, maintain, admin, never"),
    ("ignore-comments: wirte", 1, "did you mean `write`?"),
    (
        "ignore-comments: false",
        1,
        "`ignore-comments` is 'false', which is a truth value in YAML; expected one of write",
    ),
    ("overrides: {paths: [a]}", 1, "`overrides` is a mapping; expected a list of overrides"),
    ("overrides:\n  - dags/prod/", 2, "`overrides[1]` is 'dags/prod/'; expected a mapping with any of paths, fail-on"),
    ("overrides:\n  - fail-on: low", 2, "`overrides[1]` has no paths; an override needs paths"),
    ("overrides:\n  - paths: []\n    fail-on: low", 2, "`overrides[1]` has no paths"),
    ("overrides:\n  - paths: [a]", 2, "`overrides[1]` has none of fail-on, ignore, severity"),
    ("overrides:\n  - paths: [a]\n    fail-on:", 2, "`overrides[1]` has none of fail-on, ignore, severity"),
    ("overrides:\n  - paths: a\n    fail-on: low", 2, "`overrides[1].paths` is 'a'; expected a list of patterns"),
    ("overrides:\n  - paths: ['../a']\n    fail-on: low", 2, "`overrides[1].paths[1]` is '../a'; expected a pattern"),
    (
        "fail-on: no",
        1,
        "`fail-on` is 'no', which is a truth value in YAML; expected one of critical, high, medium, low, never.",
    ),
    ("overrides:\n  - paths: [a]\n    fail-on: no", 3, "`overrides[1].fail-on` is 'no', which is a truth value"),
    ("overrides:\n  - paths: [a]\n    fail_on: low", 3, "(did you mean `fail-on`?)"),
    ("overrides:\n  - paths: [a]\n    ignore: DBT001", 3, "`overrides[1].ignore` is 'DBT001'; expected a list"),
    ("overrides:\n  - paths: [a]\n    ignore: [dbt]", 3, "'dbt' is no code; expected a rule's code"),
    ("overrides:\n  - paths: [a]\n    severity: {DBT001: info}", 3, "`overrides[1].severity.DBT001` is 'info'"),
    ("overrides:\n  - paths: [a]\n    severity: {AM90: low}", 3, "sqlfluff has no rule AM90"),
    ("paths:\n\t- models", 2, "not YAML (a tab; indent with spaces"),
    ("paths:\n  - '!sandbox/'", 2, "`paths` is a list; expected at least one pattern that does not begin with `!`"),
    ("generated: ['!a', '!b']", 1, "expected at least one pattern that does not begin with `!`"),
    (
        "overrides:\n  - paths: ['!prod/']\n    fail-on: never",
        2,
        "`overrides[1].paths` is a list; expected at least one",
    ),
    ("sqlfluff:\n  dialect:\n    '!models/': snowflake", 3, "that does not begin with `!`"),
    (f"sqlfluff:\n  dialect:\n    ? {'x' * 501}\n    : snowflake", 4, "expected a pattern as in .gitignore"),
    (f"{WAIVER}  path: '!models/'\n", 6, "`waivers[1].path` is '!models/'; expected a pattern that does not begin"),
    ("fail-on: !!null void", 1, "`fail-on` is 'void'; expected one of critical, high, medium, low, never"),
    ("waivers: !!null [void]", 1, "`waivers[1]` is 'void'; expected a mapping"),
    ("!!null {paths: void}", 1, "`paths` is 'void'; expected a list"),
    ('context:\n  notes: "\\U00110000"', 2, "not YAML (a number stands for no character, or is too long)"),
    ('context:\n  notes: "\\UFFFFFFFF"', 2, "not YAML"),
    (f"%YAML {'9' * 5000}.1\n---\n", 1, "not YAML"),
]
"""Text, line, and a part of the sentence that says what is wrong there."""

BEYOND_A_SCHEMA = (
    "sqlfluff has no rule",
    "holds as well",
    "a colon where",
    "`<<` is not",
    "'!models/'",
    "second time",
    "anchors",
    "not YAML",
    "is '1.0'",
    "is 'void'",
)
"""What no schema sees: it looks at the loaded value."""
