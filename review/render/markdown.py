"""`review.md`: the whole review as a page, nothing folded away and nothing left out."""

from review.domain.verdict import Review
from review.render import parts, tables, words
from review.render.escape import code, prose


def markdown(review: Review) -> str:
    """The page, ending in a newline."""
    sections = [
        parts.headline(review),
        parts.basis(review),
        "\n>\n".join(parts.notices(review)),
        parts.what_now(review),
        parts.checklist(review),
        tables.projects_table(review),
        tables.owners_table(review),
        *((f"#### {tables.matrix_title(review)}", tables.matrix(review)) if review.practices else ()),
    ]
    blocks = {finding.fingerprint: parts.finding_block(finding, review) for finding in review.findings}
    for severity, group in parts.by_severity(review.findings):
        sections += (f"#### {parts.severity_heading(severity, group)}", parts.by_file(group, blocks))
    if asked := parts.questions(review):
        sections += (asked[0], "\n".join(asked[1:]))
    for title, skips, _ in parts.gap_groups(review):
        sections += (f"#### {title}", "\n".join(parts.skip_lines(skips)))
    if review.suppressed:
        title = parts.suppressed_title(review.suppressed)
        sections += (f"#### {title}", "\n".join(parts.suppressed_lines(review.suppressed)))
    if gone := words.dropped(review):
        sections.append(prose(gone))
    if words.looked_at(review):
        sections += (f"#### {parts.reviewed_title(review)}", "\n".join(parts.reviewed(review)), files(review))
    sections.append(parts.footer(review))
    return "\n\n".join(filter(None, sections)) + "\n"


def files(review: Review) -> str:
    """Every data file with what it is."""
    rows = ["| File | Kind | Project | Dialect |", "|---|---|---|---|"]
    for artifact in review.artifacts:
        project = "" if artifact.project is None else code(artifact.project or ".", in_table=True)
        dialect = code(artifact.dialect, in_table=True) if artifact.dialect else ""
        rows.append(f"| {code(artifact.path, in_table=True)} | {artifact.kind.noun} | {project} | {dialect} |")
    return "\n".join(rows)
