"""feedback.html and report.html, read as a browser's parser and a screen reader would."""

from __future__ import annotations

import importlib.util
import re
from itertools import pairwise
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from msgspec.structs import replace

from autograder.records import write_record
from autograder.records.store import record_path
from autograder.reports import (
    CourseFacts,
    feedback_html,
    read_records,
    report_html,
    write_reports,
)
from autograder.reports.words import STATUSES

_spec = importlib.util.spec_from_file_location("reports_class", Path(__file__).with_name("reports_class.py"))
made = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(made)

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\" onmouseover='x' a=\"",
    "{{ 7 * 7 }}{% raw %}",
    "]]>--><!--",
    "&lt;b&gt;",
    "a\x1b[2J\u202egnp.exe\x00",
    "`<u>x</u>` and ` more",
    "$<s>$ **<b>**",
    "x" * 300_000,
)


def records() -> dict:
    return {r.student: r for r in made.make_class()}


def pages() -> dict[str, str]:
    found = {f"feedback of {r.student}": feedback_html(r, facts=made.FACTS) for r in made.make_class()}
    found["after due"] = feedback_html(records()["birch"], "after_due", made.FACTS)
    found["report"] = report_html(made.make_class(), made.FACTS)
    two = [replace(r, lesson="03_other_lesson") for r in made.make_class()]
    found["two lessons"] = report_html([*made.make_class(), *two], made.FACTS, ["bob.ipynb: two files."])
    found["no records"] = report_html([])
    return found


PAGES = pages()


def parsed(page: str) -> BeautifulSoup:
    return BeautifulSoup(page, "html.parser")


def words_of(page) -> str:
    return " ".join(page.get_text(" ").split())


@pytest.mark.parametrize("name", PAGES)
def test_structure_is_sound(name):
    page = parsed(PAGES[name])
    levels = [int(tag.name[1]) for tag in page.find_all(re.compile("^h[1-6]$"))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = [tag["id"] for tag in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    for link in page.find_all("a", href=re.compile("^#")):
        assert link["href"][1:] in ids
    for tag in page.find_all(attrs={"aria-labelledby": True}):
        assert tag["aria-labelledby"] in ids
    for tag in page.find_all("use"):
        assert tag["href"][1:] in ids
    assert page.html["lang"] == "en"
    assert [len(page.find_all(mark)) for mark in ("main", "title")] == [1, 1]
    for table in page.find_all("table"):
        assert table.caption is not None
        assert all(head.get("scope") for head in table.find_all("th"))


@pytest.mark.parametrize("name", PAGES)
def test_pages_hold_all_they_need(name):
    page = parsed(PAGES[name])
    assert page.find_all(["script", "link", "iframe", "object", "form"]) == []
    for tag in page.find_all(src=True):
        assert tag["src"].startswith("data:image/png;base64,")
    assert not re.search(r"url\(|@import|https?://", PAGES[name])
    assert "default-src 'none'" in page.find("meta", attrs={"http-equiv": True})["content"]
    assert not [key for tag in page.find_all(True) for key in tag.attrs if key.startswith("on")]


@pytest.mark.parametrize("name", PAGES)
def test_every_drawing_has_words(name):
    page = parsed(PAGES[name])
    for image in page.find_all("img"):
        assert re.match(r"(Your|Expected|Error)s? map, 12 by 16: .{20,}", image["alt"])
    for drawing in page.find_all("svg"):
        assert (
            drawing.get("aria-label")
            or drawing.find_parent(attrs={"aria-hidden": "true"})
            or (drawing.get("aria-hidden") == "true")
        )
    for mark in page.select(".mark"):
        assert any(status in mark.get_text() for status in STATUSES)


def test_every_status_is_a_word_and_a_drawing():
    statuses = list(STATUSES)
    exercises = [
        replace(made.passing("saliency"), name=f"f{i}", status=status, score=0.0)
        for i, status in enumerate(statuses)
    ]
    page = parsed(feedback_html(replace(records()["alder"], exercises=exercises)))
    rows = page.select("table.glance tbody tr")
    for status, row in zip(statuses, rows, strict=False):
        assert row.select_one(".mark").get_text(strip=True) == status
        assert row.use["href"] == f"#i-{status}"
    assert {tag["id"] for tag in page.find_all("symbol")} == {f"i-{status}" for status in statuses}


def test_ten_seconds_tell_score_what_why_and_what_next():
    page = parsed(feedback_html(records()["birch"], facts=made.FACTS))
    assert page.h1.get_text() == "Gradient attribution"
    hero = words_of(page.select_one(".hero"))
    assert "67 of 92 points" in hero
    assert "5 of 8 exercises are right, 2 are partly right and 1 took too long." in hero
    assert "8 more points are marked by a person" in hero
    rows = [words_of(row) for row in page.select("table.glance tbody tr")]
    assert rows[2].startswith(
        "partial Integrated gradients You take the left end of each step: use (k + 0.5)/steps"
    )
    assert rows[2].endswith("10 / of 16")
    steps = [words_of(step) for step in page.select(".steps li")]
    assert [s.split(" (")[0] for s in steps] == [
        "Integrated gradients",
        "Cascading randomisation",
        "Saliency",
    ]
    assert "6 points to gain" in steps[0]
    assert "they should be 0.25 and 0.75" in steps[0]


def test_a_mistake_made_twice_is_explained_once():
    again = made.wrong(**(made.LEFT | {"name": "smoothgrad", "parts": {"average": "lost"}}))
    record = made.record("yew", made.wrong(**made.LEFT), again)
    steps = [words_of(step) for step in parsed(feedback_html(record, facts=made.FACTS)).select(".steps li")]
    assert "You take the left end of each step" in steps[0]
    assert steps[1].endswith("This is the same mistake as in Integrated gradients.")


def test_each_test_has_title_status_numbers_and_picture():
    page = parsed(feedback_html(records()["hornbeam"], facts=made.FACTS))
    exercise = page.find(id="exercise-2").find_parent("article")
    shown = [words_of(row) for row in exercise.select(".test")]
    assert [s.split()[0] for s in shown] == ["fail", "fail", "pass"]
    assert "Signed, in the shape of x" in shown[0]
    assert "Your error 0.4, allowed 1.3e-8: 31 million times the allowed error" in shown[0]
    assert "6 % of the values are out of tolerance" in shown[0]
    assert "10 % to 100 %: 12 pixels" in shown[0]
    assert "in the whole column 5" in exercise.img["alt"]
    # the second one repeats the numbers on one line and keeps its picture folded
    assert "error 0.4, allowed 1.3e-8; 31 million times the allowed error" in shown[1]
    assert exercise.select(".test")[1].details.img is not None


def test_an_excused_test_says_that_it_costs_nothing():
    page = parsed(feedback_html(records()["beech"], facts=made.FACTS))
    exercise = words_of(page.find(id="exercise-3").find_parent("article"))
    assert "4 tests below failed for the same reason and cost nothing: one idea is paid for once." in exercise
    assert exercise.count("failed for the same reason, costs nothing here") == 4
    assert "factor (x - baseline) 4 / of 4" in exercise


def test_a_sentence_is_said_once():
    page = feedback_html(records()["beech"], facts=made.FACTS)
    exercise = page[page.index('id="exercise-3"') : page.index('id="exercise-4"')]
    assert exercise.count("You take the left end of each step") == 1


def test_hidden_things_stay_hidden_before_and_after_the_due_date():
    for name in ("fir", "maple", "birch"):
        for when in ("before_due", "after_due"):
            page = feedback_html(records()[name], when, made.FACTS)
            for secret in (
                "0.123456",
                "TypeError: secret",
                "steps=7, baseline",
                "/srv/submitted",
                "5eed5eed",
            ):
                assert secret not in page
    assert "its text stays with the instructor" in feedback_html(records()["fir"])


def test_expected_maps_and_explanations_appear_after_the_due_date():
    before, after = (
        parsed(feedback_html(records()["birch"], w, made.FACTS)) for w in ("before_due", "after_due")
    )
    assert {f.get_text() for f in before.find_all("figcaption")} == {"Error"}
    assert {f.get_text() for f in after.find_all("figcaption")} == {"Yours", "Expected", "Error"}
    assert "The unit is saturated." not in before.get_text()
    assert "The unit is saturated." in after.get_text()


def test_reflection_comes_with_rubric_and_marks():
    waiting = words_of(parsed(feedback_html(records()["birch"])).find(id="manual-1").find_parent("article"))
    assert "ungraded" in waiting
    assert "2 points: why (saturation, baseline, noise scale)" in waiting
    given = parsed(feedback_html(records()["alder"]))
    assert "Comment: Clear and honest." in words_of(given.find(id="manual-1").find_parent("article"))
    assert "A person gave 7 of 8 more points: 99 of 100 together." in words_of(given)
    assert "Nothing was handed in here." in words_of(parsed(feedback_html(records()["elm"])))


@pytest.mark.parametrize(
    ("student", "lead", "next_step"),
    [
        ("larch", "This notebook could not be read, so nothing in it was graded.", "Repair the file"),
        ("juniper", "This notebook could not be graded through no fault of yours", "Nothing: the fault is not yours."),
        ("rowan", "All 8 exercises are right.", "Nothing is left to repair here."),
        ("oak", "All 8 exercises are missing.", "Write a function called exactly"),
    ],
)  # fmt: skip
def test_whole_notebooks_in_one_sentence(student, lead, next_step):
    page = words_of(parsed(feedback_html(records()[student], facts=made.FACTS)))
    assert lead in page
    assert next_step in page


def test_an_unreadable_notebook_shows_why_and_nothing_else():
    record = replace(records()["oak"], status="error", notes=["The file is empty."])
    page = parsed(feedback_html(record))
    assert "The file is empty." in words_of(page.select_one(".callout"))
    assert page.select(".exercise") == []


def hostile(text: str):
    """A record in which every text is the same hostile one."""
    base = records()["birch"]
    exercises = [
        replace(
            e,
            name=text[:50] + str(i),
            diagnosis=text,
            next_step=text,
            notes=[text],
            tests=[
                replace(t, title=text, part=text, message=text + "m", diagnosis=text + "d", case=text, axiom=text,
                        exception=text + "e", output=text, visibility="public",
                        picture=t.picture and replace(t.picture, caption=text))
                for t in e.tests
            ],
        )
        for i, e in enumerate(base.exercises)
    ]  # fmt: skip
    quiz = [replace(a, question=text, answer=text, message=text, explanation=text) for a in base.quiz]
    manual = [replace(m, title=text, text=text, comment=text, rubric=[text]) for m in base.manual]
    submission = replace(base.submission, path=text, sha256=text)
    return replace(base, student=text, lesson=text, submission=submission, notes=[text], exercises=exercises,
                   quiz=quiz, manual=manual, grader_version=text)  # fmt: skip


def tags(page: str) -> set[tuple[str, tuple[str, ...]]]:
    return {(tag.name, tuple(sorted(tag.attrs))) for tag in parsed(page).find_all(True)}


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_text(text):
    facts = CourseFacts(title=text)
    harmless = hostile("harmless `code` and $x$ **b**")
    allowed = tags(feedback_html(harmless, "after_due")) | tags(report_html([harmless], facts, ["p"]))
    page = feedback_html(hostile(text), "after_due", facts)
    report = report_html([hostile(text)], facts, [text])
    for found in (page, report):
        assert tags(found) <= allowed
        assert not set(found) & set("\x1b\u202e\x00")
        assert "49" not in parsed(found).get_text() or "7 * 7" not in text
        found.encode("utf-8")
    assert len(page) < 1_500_000
    if len(text) > 10_000:
        assert "more characters)" in page


def test_many_of_everything_is_capped_with_a_notice():
    base = records()["birch"]
    many = replace(base.exercises[0], tests=base.exercises[0].tests * 100, notes=["n"] * 100)
    page = feedback_html(replace(base, exercises=[many], notes=[f"note {i}" for i in range(1000)]))
    assert "960 more notes not shown." in page
    assert "300 more tests not shown here." in words_of(parsed(page))


def test_report_shows_the_class_at_a_glance():
    page = parsed(report_html(made.make_class(), made.FACTS))
    tiles = {t.dt.get_text(): t.dd.get_text() for t in page.select(".tiles div")}
    assert tiles["notebooks"] == "14"
    assert tiles["with full marks"] == "2"
    assert tiles["could not be read or run"] == "2"
    assert page.select_one(".chart svg")["aria-label"] == (
        "Scores: 2 students from 0 to 10 %, 4 students from 70 to 80 %, 2 students from 80 to 90 % and "
        "5 students from 90 to 100 %."
    )
    shared = words_of(page.find(id="l1-mistakes").find_parent("section"))
    assert "3 students , Integrated gradients : You take the left end of each step" in shared
    first = words_of(page.find(id="l1-stopped").find_parent("section"))
    assert "infra juniper" in first
    assert "error larch : This file is not a notebook" in first


def test_report_has_every_student_and_exercise():
    page = parsed(report_html(made.make_class(), made.FACTS))
    heads = [h.get_text() for h in page.select("table.class thead th")]
    assert heads[3:5] == ["Saliency", "Gradient × input"]
    rows = {r.th.get_text(): r for r in page.select("table.class tbody tr")}
    assert len(rows) == 14
    assert rows["birch"].a["href"] == "./birch/02_gradient_attribution/feedback.html"
    cells = [words_of(c) for c in rows["birch"].find_all("td")]
    assert cells[0] == "67 / of 92"
    assert cells[2] == "partial, 3"
    assert cells[9] == "timeout, 6"
    assert words_of(rows["juniper"].td).startswith("–")


def test_report_counts_failures_and_mistakes_per_exercise():
    page = parsed(report_html(made.make_class(), made.FACTS))
    integrated = words_of(page.find(id="l1-exercise-3").find_parent("article"))
    assert "pass 8 partial 3 missing 1" in integrated
    assert "beech , birch , hornbeam 3 of 12" in integrated
    assert "The gradient is averaged at the midpoints of the steps midpoint rule 3 of 12" in integrated
    assert "A feature equal to its baseline" not in integrated  # excused failures are not what was hard
    unexplained = words_of(page.find(id="l1-exercise-2").find_parent("article"))
    assert "2 wrong answers matched no declared mistake" in unexplained


@pytest.mark.parametrize(
    ("student", "link"),
    [
        ("a b#c?", "./a%20b%23c%3F/02_gradient_attribution/feedback.html"),
        ("javascript:x", "./javascript%3Ax/02_gradient_attribution/feedback.html"),
        ("..", None),
        ("a/b", None),
    ],
)
def test_links_lead_to_feedback_and_nowhere_else(student, link):
    page = parsed(report_html([replace(records()["ash"], student=student)]))
    cell = page.select_one("table.class tbody th")
    assert (cell.a["href"] if cell.a else None) == link


def test_pages_are_pure_functions():
    assert pages() == PAGES


def test_reports_are_written_beside_their_records(tmp_path):
    bad = replace(records()["ash"], student="../outside")
    written = write_reports(tmp_path / "out", [*made.make_class(), bad], made.FACTS)
    assert len(written.feedback) == 14
    assert (
        (tmp_path / "out/birch/02_gradient_attribution/feedback.html")
        .read_text()
        .startswith("<!doctype html>")
    )
    assert written.grades.read_text().startswith("student,")
    assert "cannot be a folder name" in written.report.read_text()
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_records_are_read_back_and_broken_ones_named(tmp_path):
    for record in made.make_class()[:3]:
        write_record(record, record_path(tmp_path, record.student, record.lesson))
    (tmp_path / "broken/02_x").mkdir(parents=True)
    (tmp_path / "broken/02_x/record.json").write_text("{}")
    found, problems = read_records(tmp_path)
    assert [r.student for r in found] == ["alder", "ash", "beech"]
    assert feedback_html(found[2]) == feedback_html(records()["beech"])
    assert len(problems) == 1
    assert "broken" in problems[0]


def test_titles_come_from_names_where_nobody_gives_any():
    page = parsed(feedback_html(records()["birch"]))
    assert page.h1.get_text() == "Gradient attribution"
    assert page.find(id="exercise-2").get_text() == "Gradient times input"
