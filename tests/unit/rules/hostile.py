"""Texts that nobody writes by hand and anybody may send: deep, wide or long.

By hand with `SCALE = 1` they are of a quarter of a megabyte or so each; the tests take a fraction of that.
"""

from collections.abc import Callable

SCALE = 10
SIZE = 10_000


def joined(one: str, between: str = "\n", size: int = SIZE) -> str:
    """The text so many times, `#` in it replaced by its number."""
    return between.join(one.replace("#", str(number)) for number in range(size // SCALE))


SQL: dict[str, Callable[[], str]] = {
    "joins": lambda: "select a.x from a\n" + joined("join t# on t#.id = a.id", size=3_000),
    "ctes": lambda: (
        "with c as (select 1 as x),\n" + joined("c# as (select x from c)", ",\n", 3_000) + "\nselect x from c"
    ),
    "unions": lambda: joined("select x from t#", "\nunion all\n", 2_000),
    "list": lambda: f"select x from t where x in ({joined('#', ', ')})",
    "cases": lambda: "select case\n" + joined("when x = # then 'a#'", size=5_000) + "\nend as y from t",
    "divisions": lambda: "select " + joined("a#", " / ", 3_000) + " as x from t",
    "quotients": lambda: "select\n" + joined("sum(a#) / count(b#) as c#", ",\n", 2_000) + "\nfrom t",
    "divided often": lambda: "select " + joined("a#", " / ", 6_000) + " as x from t",
    "depths": lambda: joined("select " + "(" * 40 + "#" + ")" * 40 + " as x from t", ";\n", 300),
    "nested cases": lambda: "select " + "case when a then " * 60 + "1" + " end" * 60 + " as x from t",
    "calls": lambda: "select " + "coalesce(" * 60 + "1" + ", 0)" * 60 + " as x from t",
    "inner queries": lambda: "select x from (" * 40 + "select x from t" + ") as s" * 40,
    "windows": lambda: "select\n" + joined("lag(a#) over (partition by b order by c) as d#", ",\n", 1_500) + "\nfrom t",
    "inserts": lambda: "insert into t (a, b) values\n" + joined("(#, 'x')", ",\n", 8_000),
    "conditions": lambda: "select x from t where " + joined("(a# = 1 or b# = 2)", "\nand ", 2_000),
    "brackets": lambda: "select " + "(" * 5_000 + "1" + ")" * 5_000,
    "subqueries": lambda: "select x from (" * 400 + "select x from t" + ") as s" * 400,
    "dots": lambda: "select " + joined(".a", ", ", 20_000) + " from t",
    "columns": lambda: "select\n" + joined("a.c# as d#", ",\n") + "\nfrom a",
    "statements": lambda: joined("delete from t# where a = #;", size=3_000),
    "line": lambda: "select '" + "x" * 400_000 + "' as x from t",
    "comments": lambda: "/*" * 50_000 + "\n" + "-- -" * 50_000,
    "quotes": lambda: "select '" * 30_001,
    "signs": lambda: "select \u202e\ud800\U0001f600\x00 from t\r\n" * 5_000,
    "returns": lambda: "select x\r\nfrom t;\r\n" * 500,
}
JINJA: dict[str, Callable[[], str]] = {
    "prints": lambda: "select\n" + joined("{{ column_#('a') }} as a#", ",\n", 2_000) + "\nfrom {{ ref('a') }}",
    "ifs": lambda: "select 1\n" + joined("{% if is_incremental() %}, a#{% endif %}", size=500) + "\nfrom t",
    "nested ifs": lambda: "select 1 " + "{% if x %}" * 80 + ", 2" + "{% endif %}" * 80 + " from t",
    "loop": lambda: "select 1 {% for a in range(500) %}, a{{ a }} {% endfor %} from t",
    "refs": lambda: joined("select x from {{ ref('m#') }}", " union all\n", 500),
    "open": lambda: "{{ " * 10_000,
    "config": lambda: "{{ config(" + joined("a#=1", ", ", 3_000) + ") }} select 1 as x",
}
MACRO: dict[str, Callable[[], str]] = {
    "macros": lambda: joined("{% macro m#(a) %} select {{ a }} from t {% endmacro %}", size=2_000),
    "calls": lambda: "{% macro m(a) %}\n" + joined("{{ m(#) }}", size=3_000) + "{% endmacro %}",
}
PYTHON: dict[str, Callable[[], str]] = {
    "scripts": lambda: (
        "from airflow import DAG\nwith DAG('d') as dag:\n"
        + joined("    BashOperator(task_id='t#', bash_command='" + "a 'b' {{ ds }}; " * 40 + "echo')", size=1_500)
    ),
    "pulls": lambda: (
        "with DAG('d') as dag:\n"
        + joined(
            "    BashOperator(task_id='task_#', bash_command='{{ ti.xcom_pull(task_ids=\"tusk_#\") }}')", size=1_800
        )
    ),
    "branches": lambda: (
        "with DAG('d') as dag:\n"
        + joined("    t# = BranchPythonOperator(task_id='t#', python_callable=lambda: 'a')", size=1_500)
        + "\n"
        + joined("    t# >> [" + ", ".join(f"t{number}" for number in range(15)) + "]", size=1_500)
    ),
    "responses": lambda: joined("r# = requests.get(u)\nf.write(r#.text)\nr# = 'x'\ny = x in ('ab')", size=3_000),
    "deep": lambda: "x = f(" + "[" * 90 + "1" + "]" * 90 + ")\nx = 'a'\nDeepError(" + "-" * 900 + "1)",
    "chain": lambda: "x = " + joined("t#", " >> ", 2_500),
    "chains": lambda: "with DAG('d') as dag:\n" + joined("    t# >> [a#, b#] >> c#", size=3_000),
    "calls": lambda: "df = df" + joined(".filter(col('a') == #)", "", 800),
    "decorators": lambda: joined("@a#") + "\ndef f(): pass",
    "list": lambda: "x = [" + joined("'a#'", ",\n") + "]",
    "operators": lambda: (
        "with DAG('d') as dag:\n" + joined("    a# = BashOperator(task_id='t#', retries=0)", size=3_000)
    ),
    "strings": lambda: joined("spark.sql('select a from t#')", size=2_000),
    "brackets": lambda: "x = " + "(" * 150 + "1" + ")" * 150,
    "functions": lambda: joined("def f#(df):\n    return df.withColumn('a', lit(#)).collect()", size=2_000),
    "assignments": lambda: joined("df = df.withColumn('c#', col('a') + #)", size=3_000),
    "tries": lambda: joined("try:\n    f(#)\nexcept Exception:\n    pass", size=3_000),
    "names": lambda: "from pyspark.sql import SparkSession\n" + joined("a# = a", size=8_000),
    "additions": lambda: "x = " + joined("'a#'", " + ", 2_000),
    "signs": lambda: "# \u202e\ud800\U0001f600\n" * 20_000,
    "line": lambda: "x = '" + "y" * 400_000 + "'",
    "returns": lambda: "x = 1\r\n" * 1_000,
}
LAUGHS = "a0: &a0 [x, x]\n" + "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30))
YAML: dict[str, Callable[[], str]] = {
    "models": lambda: (
        "models:\n" + joined("  - name: m#\n    columns: [{name: a, tests: [unique, not_null]}]", size=1_500)
    ),
    "columns": lambda: (
        "models:\n  - name: m\n    columns:\n" + joined("      - {name: c#, description: d}", size=3_000)
    ),
    "aliases": lambda: f"{LAUGHS}\nmodels: *a29\n",
    "itself": lambda: "models: &a\n  - *a\n  - name: m\n    columns: *a\n",
    "merges": lambda: "a: &a {name: m}\nmodels:\n" + joined("  - <<: *a", size=3_000),
    "depth": lambda: "models: " + "[" * 500 + "]" * 500,
    "tests": lambda: "models:\n  - name: m\n    tests:\n" + joined("      - unique: {column_name: c#}", size=3_000),
    "keys": lambda: "models:\n" + joined("  a: #", size=8_000),
    "line": lambda: "models: '" + "x" * 400_000 + "'",
    "returns": lambda: "models:\r\n" + "  - name: a\r\n" * 3_000,
}
SCALA: dict[str, Callable[[], str]] = {
    "calls": lambda: "object A { val x = df" + joined('.filter($"a" === #)', "", 800) + " }",
    "values": lambda: "object A {\n" + joined('  val a# = spark.sql("select a from t#").collect()', size=2_000) + "\n}",
    "brackets": lambda: "object A { val x = " + "(" * 1_000 + "1" + ")" * 1_000 + " }",
}
