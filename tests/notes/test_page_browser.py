"""The page of a report in Chromium: typeset, quiet, readable by all, on a desk, a phone and paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from autograd.notes.report import Claim, Report
from autograd.notes.reports.html_report import as_html

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe: it comes with [dev]")

WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
LONG = " + ".join(rf"\frac{{\partial L}}{{\partial w_{{{i}}}}}" for i in range(14))
TEXT = rf"""# Title

Long in a line: $x = {LONG}$ and more, with [a link](https://example.org/) and ![a picture](x.png).

$$y = {LONG}$$

> - quoted $z = 1$ <script>document.title = "taken"</script>

| a | b |
|---|---|
| $q = 2$ | $\text{{<img src=x onerror=alert(1)>}}$ |

```
{"code " * 60}
```
"""


def made(text: str = TEXT, file: str = "a.md") -> Report:
    """A report with a claim of each verdict."""
    verdicts: list[Any] = ["wrong", "not understood", "wrong", "ambiguous", "right"]
    found = [latex for i, latex in enumerate(text.replace("$$", "$").split("$")) if i % 2]
    claims = []
    for latex, verdict in zip(found, verdicts, strict=True):
        offset = text.index(f"${latex}$") + 1
        claims.append(
            Claim(
                file, text[:offset].count("\n") + 1, 1, latex, "gradient", verdict, offset=offset,
                reason=f"see ${latex}$", expected=LONG if verdict == "wrong" else None,
                step="a = b" if verdict == "wrong" else None,
            )
        )  # fmt: skip
    return Report(file, text, tuple(claims), (f"${LONG}$ is long",))


@pytest.fixture
def visit(open_page: Callable[..., Any]) -> Callable[..., Any]:
    """Opens the page of some reports."""
    return lambda *reports, **options: open_page(as_html(reports), **options)


def test_formulas_are_typeset_and_their_claims_marked(visit: Callable[..., Any]) -> None:
    page = visit(made())
    assert page.title() == "a.md: notes checked"
    fraction = page.locator("#c0-1 math mfrac").first.bounding_box()
    assert fraction["height"] > 30  # set one above the other
    assert page.locator("article .claim.wrong").count() == 2
    assert page.locator(".note").count() == 4
    assert page.locator("#c0-0 .sign").inner_text().startswith("✗")


def test_the_reason_stands_beside_its_formula(visit: Callable[..., Any]) -> None:
    page = visit(made())
    formula, note = (page.locator(place).bounding_box() for place in (".display", "#n0-1"))
    assert note["x"] > formula["x"] + formula["width"]
    assert abs(note["y"] - formula["y"]) < 40


@pytest.mark.parametrize(("viewport", "scheme", "files"), [(WIDE, "light", "ab"), (PHONE, "dark", "a")])
def test_everybody_can_read_it(visit: Callable[..., Any], viewport: Any, scheme: str, files: str) -> None:
    page = visit(*(made(file=f"{name}.md") for name in files), viewport=viewport, color_scheme=scheme)
    found = axe.Axe().run(page).response
    assert [(v["id"], [node["html"][:200] for node in v["nodes"]]) for v in found["violations"]] == []
    assert len(found["passes"]) > 20


def test_nothing_is_wider_than_a_phone(visit: Callable[..., Any]) -> None:
    page = visit(made(), viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_one_gets_about_by_keys(visit: Callable[..., Any]) -> None:
    page = visit(made())
    page.locator("nav a").first.focus()
    page.keyboard.press("Enter")
    assert page.url.endswith("#c0-0")
    page.locator("#c0-0 a.sign").focus()
    page.keyboard.press("Enter")
    assert page.url.endswith("#n0-0")
    display = page.locator(".display").first
    display.focus()
    page.keyboard.press("ArrowRight")
    for _ in range(40):  # scrolling glides; the page forbids the strings that `wait_for_function` evaluates
        if display.evaluate("element => element.scrollLeft") > 0:
            break
        page.wait_for_timeout(50)
    assert display.evaluate("element => element.scrollLeft") > 0


def test_it_prints_dark_on_light(visit: Callable[..., Any]) -> None:
    page = visit(made(), color_scheme="dark")
    page.emulate_media(media="print")
    shown = page.evaluate(
        "getComputedStyle(document.body).color + getComputedStyle(document.body).backgroundColor"
    )
    assert shown == "rgb(21, 25, 30)rgb(255, 255, 255)"
    assert page.locator("nav").first.is_hidden()
    assert len(page.pdf()) > 10_000


def test_a_formula_that_has_room_in_its_line_has_no_bars(visit: Callable[..., Any]) -> None:
    latex = r"\frac{\partial L}{\partial w_1} = \frac{\partial L}{\partial a} (1 - a) a x_1 x_2 x_3"
    text = f"We know that ${latex}$ holds."
    page = visit(Report("a.md", text, (Claim("a.md", 1, 1, latex, "chain", "right", offset=14),)))
    size = page.locator(".wide").evaluate(
        "e => [e.scrollWidth - e.clientWidth, e.scrollHeight - e.clientHeight]"
    )
    assert size == [0, 0]
