"""Notes in, verdicts out: every formula of the five sets of notes, checked step by step.

What this prints is what `chalkgrad check demos/notes` finds; it ends with the table of verdicts.
"""

import json
from pathlib import Path

from _printing import console, heading, say

from autograd.notes.checking import check_notes
from autograd.notes.reports.html_report import as_html
from autograd.notes.reports.json_report import as_json
from autograd.notes.reports.markdown_report import as_markdown
from autograd.notes.reports.telling import conclusion, count
from autograd.notes.reports.terminal import Page, print_table

NOTES = Path(__file__).parent / "notes"
SHOWN = 2
"""Wrong formulas of each set that are shown; the page has them all."""


def main():
    # by their text, so that the page names the notes and not the folder they happen to be in
    reports = [check_notes(path.read_text("utf-8"), file=path.name) for path in sorted(NOTES.glob("*.md"))]

    heading("Wrong in the notes")
    say(
        f"""
        The notes are in demos/notes, as their authors wrote them. The first {SHOWN} mistakes of each set that
        do not follow from others, with what should stand there:
        """
    )
    page = Page(console)
    for report in reports:
        wrong = [claim for claim in report.having("wrong") if claim.follows_from is None]
        if wrong:
            page.line(f"\n{report.file}", "bold")
        for claim in wrong[:SHOWN]:
            page.claim(report, claim, [])
        if len(wrong) > SHOWN:
            page.line(f"\n... and {len(wrong) - SHOWN} more", "dim")

    heading("Verdicts")
    print_table(reports, console)
    say(conclusion(count(reports)))

    folder = Path("out")
    folder.mkdir(exist_ok=True)
    (folder / "your_notes.html").write_text(as_html(reports), encoding="utf-8")
    (folder / "your_notes.md").write_text(as_markdown(reports), encoding="utf-8")
    (folder / "your_notes.json").write_text(json.dumps(as_json(reports), indent=1), encoding="utf-8")
    say(
        "Written: out/your_notes.html, the notes with each verdict beside its formula; .md and .json as well."
    )


if __name__ == "__main__":
    main()
