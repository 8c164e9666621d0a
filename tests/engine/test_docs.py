"""The pages about the project, held to the project: links, commands, options, fields, words, and code that runs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import types
import typing
from pathlib import Path

import msgspec
import pytest

from autograder.records import Record, Status, schema, view

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_INLINE = re.compile(r"`([^`\n]+)`")


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def prose_of(name: str) -> str:
    """The page without its fenced code."""
    return _FENCE.sub("", text_of(name))


def anchors(page: Path) -> set[str]:
    """What a heading is called in a link to it."""
    found = set()
    for line in _FENCE.sub("", page.read_text(encoding="utf-8")).split("\n"):
        if heading := re.match(r"#{1,6} (.*)", line):
            plain = re.sub(r"[^\w\- ]", "", heading[1].lower())
            found.add(plain.replace(" ", "-"))
    return found


def command_lines(name: str) -> list[str]:
    """Every `autograder ...` of a page: in indented or fenced code, and in the text."""
    text = text_of(name)
    lines = [line.strip() for line in text.split("\n") if re.match(r"(    |\s*\$ )", line)]
    lines += [line for _, body in _FENCE.findall(text) for line in body.split("\n")]
    lines += _INLINE.findall(prose_of(name))
    found = []
    for line in lines:
        match = re.match(r"(?:\$ )?(?:\w+=\S+ )*(?:\.venv/bin/)?autograder (.*)", line)
        if match:
            found.append(match[1].split("#")[0].strip())
    return found


# ------------------------------------------------------------------------------------------- all pages
@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str):
    page = ROOT / name
    lost = []
    for link in _LINK.findall(prose_of(name)):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            lost.append(link)
    assert lost == []


@pytest.mark.parametrize("name", NAMES)
def test_files_that_are_named_are_there(name: str):
    """A path in code signs that begins with a folder of the project leads to a file or folder of it."""
    tops = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    tops -= {"out", "work", "build", "dist"}
    missing = []
    for words in _INLINE.findall(prose_of(name)):
        if re.fullmatch(r"[\w./-]+", words) and "/" in words and words.split("/")[0] in tops:
            place = words.rstrip("/")
            example = re.search(r"NN|_name|17", place)
            if not example and not (ROOT / place).exists():
                missing.append(words)
    assert missing == []


@pytest.mark.parametrize("name", NAMES)
def test_pages_fit_every_machine(name: str):
    """No path of one machine, no address of a package registry's copy."""
    text = text_of(name)
    assert re.findall(r"(?<![\w.])/(?:root|home|work|Users|mnt|opt|tmp)/[\w.]\S*", text) == []
    assert re.findall(r"https?://[^\s)]*(?:/simple|pypi|artifactory|nexus)[^\s)]*", text) == []


@pytest.mark.parametrize("name", NAMES)
def test_python_on_the_page_compiles(name: str):
    for language, body in _FENCE.findall(text_of(name)):
        if language == "python":
            compile(body, name, "exec")


@pytest.fixture(scope="module")
def helps() -> dict[str, set[str]]:
    """Command -> its options, as the command line itself knows them."""
    from typer.main import get_command

    from autograder.cli.app import app

    found: dict[str, set[str]] = {}

    def walk(command: typing.Any, words: tuple[str, ...]) -> None:
        below = getattr(command, "commands", {})
        options = {o for p in command.params for o in (*p.opts, *p.secondary_opts) if o.startswith("-")}
        if words:
            found[" ".join(words)] = options | {"--help", "-h"}
        for word, one in below.items():
            walk(one, (*words, word))

    walk(get_command(app), ())
    return found


@pytest.mark.parametrize("name", NAMES)
def test_commands_and_options_exist(name: str, helps: dict[str, set[str]]):
    unknown = []
    for line in command_lines(name):
        words = line.split()
        if not words or words[0].startswith("-"):
            continue
        if not re.fullmatch(r"[a-z]+", words[0]):
            continue  # prose about the package, not a call
        command = " ".join(words[:2]) if " ".join(words[:2]) in helps else words[0]
        if command not in helps:
            unknown.append(line)
            continue
        options = {word.partition("=")[0] for word in words if word.startswith("--")}
        unknown += [f"{command} {option}" for option in options - helps[command]]
    assert unknown == []


def test_the_readme_shows_every_command(helps: dict[str, set[str]]):
    """Whoever reads the tour has seen all there is."""
    shown = " ".join(f"{line} " for line in command_lines("README.md"))
    commands = {command for command in helps if command != "new"}
    assert {command for command in commands if command not in shown} == set()


def test_make_targets_exist():
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.M))
    for name in NAMES:
        named = {w.split()[1] for w in _INLINE.findall(prose_of(name)) if re.fullmatch(r"make [a-z-]+", w)}
        assert named <= targets, name


def test_the_readme_has_a_picture():
    pictures = [link for link in _LINK.findall(text_of("README.md")) if link.endswith(".png")]
    assert pictures
    for picture in pictures:
        assert (ROOT / picture).read_bytes().startswith(b"\x89PNG")
    for shown in re.findall(r"!\[([^\]]*)\]\([^)]*\.png\)", text_of("README.md")):
        assert len(shown) > 20, "a picture needs words for whoever does not see it"


# ------------------------------------------------------------------------------------------- words
def test_words_that_are_not_used():
    """The list at the end of the page of words is kept, on pages and in what the command line says."""
    vocabulary = text_of("docs/vocabulary.md")
    banned = [w for w in re.findall(r"\*([a-z ]+)\*", vocabulary.split("Not used:")[1]) if w != "score"]
    assert len(banned) > 3
    pattern = re.compile(r"\b(" + "|".join(banned) + r")s?\b", re.I)
    texts = {name: text_of(name) for name in NAMES if name != "docs/vocabulary.md"}
    for place in ("autograder/cli/*.py", "autograder/reports/*.py", "autograder/submissions/words.py"):
        texts |= {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in ROOT.glob(place)}
    assert {name: found for name, text in texts.items() if (found := pattern.findall(text))} == {}


def test_words_of_the_course_are_explained():
    vocabulary = text_of("docs/vocabulary.md")
    explained = set(re.findall(r"^\| ([a-z]+(?: [a-z]+)*) \| ", vocabulary, re.M))
    assert set(typing.get_args(Status)) <= explained
    assert {
        "lesson",
        "exercise",
        "part",
        "mistake",
        "alternative",
        "record",
        "view",
        "judge",
        "worker",
    } <= explained


def test_statuses_are_described_where_they_are_read():
    listed = [row[0].strip("`") for row in table_of("docs/record-schema.md", "Statuses")]
    assert listed == list(typing.get_args(Status))


def test_the_list_of_words_says_what_the_pages_of_students_say():
    from autograder.reports.words import STATUSES

    said = dict(re.findall(r"^\| (\w+) \| (.*) \|$", text_of("docs/vocabulary.md"), re.M))
    assert {s: kind.means for s, kind in STATUSES.items()} == {s: said[s] for s in STATUSES}


# ------------------------------------------------------------------------------------------- the record
STRUCTS = {
    kind.__name__: kind
    for kind in vars(schema).values()
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind is not msgspec.Struct
}
_PLAIN = {str: "text", float: "number", int: "whole number", bool: "true or false"}
_MANY = {"whole number": "whole numbers"}


def in_words(kind: typing.Any) -> str:
    """A type as the page of the record writes it."""
    if kind is Status:
        return "status"
    if kind is schema.Visibility:
        return "visibility"
    if typing.get_origin(kind) is list:
        inner = in_words(typing.get_args(kind)[0])
        return f"list of {_MANY.get(inner, inner)}"
    if isinstance(kind, types.UnionType):
        return " or ".join("null" if one is type(None) else in_words(one) for one in typing.get_args(kind))
    return _PLAIN.get(kind) or kind.__name__


def table_of(name: str, heading: str) -> list[list[str]]:
    """The rows of the table below a heading, cells stripped, without its first two lines."""
    section = re.split(r"^#+ ", prose_of(name).split(f"# {heading}\n", 1)[1], maxsplit=1, flags=re.M)[0]
    rows = [line.strip("|").split(" | ") for line in section.split("\n") if line.startswith("|")]
    return [[cell.strip(" |") for cell in row] for row in rows[2:]]


@pytest.mark.parametrize("name", sorted(STRUCTS))
def test_the_page_of_the_record_is_the_record(name: str):
    hints = typing.get_type_hints(STRUCTS[name])
    fields = [(f.name, in_words(hints[f.name])) for f in msgspec.structs.fields(STRUCTS[name])]
    rows = table_of("docs/record-schema.md", name)
    assert [(row[0].strip("`"), row[1]) for row in rows] == fields
    assert all(row[2] for row in rows)


def test_the_example_record_can_be_read():
    (example,) = [
        body for language, body in _FENCE.findall(text_of("docs/record-schema.md")) if language == "json"
    ]
    record = msgspec.json.decode(example, type=Record, strict=True)
    assert record.schema == schema.SCHEMA
    written = json.loads(example)
    assert set(written) == set(Record.__struct_fields__)
    assert set(written["exercises"][0]["tests"][0]) == set(schema.TestResult.__struct_fields__)


def full(visibility: str) -> Record:
    """A record in which every field says something."""
    picture = schema.Picture(
        height=1, width=1, low=1.0, high=2.0, signed=True, yours="A", expected="B", error="C", caption="D"
    )
    test = schema.TestResult(
        id="t", part="p", title="T", visibility=visibility, points=1.0, score=0.0, status="fail", message="m",
        diagnosis="d", mistake="x", excused=True, case="t[0]", max_abs_error=1.0, max_rel_error=1.0, allowed=1.0,
        outside=1.0, worst_index=[1], floor=1.0, axiom="a", picture=picture, exception="e", output="o", wall_s=1.0,
    )  # fmt: skip
    chosen = schema.SetPoints(judged=0.0, judged_status="fail", reason="r")
    late = schema.Lateness(due="d", extended=True, seconds=1.0, percent=1.0, points=1.0, says="s")
    exercise = schema.ExerciseResult(
        name="e", score=0.0, max_score=1.0, status="fail", diagnosis="d", mistake="m", next_step="n",
        diverged="v", small=["s"], tests=[test], notes=["n"], wall_s=1.0, set_points=chosen, key="k",
    )  # fmt: skip
    answer = schema.AnswerResult(
        id="q1",
        question="Q",
        score=0.0,
        max_score=2.0,
        status="fail",
        answer="1",
        message="m",
        explanation="x",
        set_points=chosen,
    )
    manual = schema.ManualItem(
        id="r", title="R", max_score=8.0, text="t", rubric=["r"], status="ungraded", score=1.0, comment="c"
    )
    return Record(
        lesson="02_l", student="s", submission=schema.SubmissionInfo(path="a/b/s.ipynb", sha256="0", handed_in="h"),
        score=0.0, max_score=3.0, manual_max=8.0, status="fail", duration_s=1.0, grader_version="v", seed_fingerprint="f",
        isolation=["pid"], notes=["n"], exercises=[exercise], quiz=[answer], manual=[manual], late=late, key="k", seal="s",
    )  # fmt: skip


def differences(one: typing.Any, other: typing.Any, place: str = "") -> set[str]:
    """Dotted names of fields, without the names of the lists they are in, where two trees differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        below = (differences(one.get(k), other.get(k), f"{place}.{k}") for k in one.keys() | other.keys())
        return set().union(*below)
    if (
        isinstance(one, list)
        and isinstance(other, list)
        and one
        and len(one) == len(other)
        and isinstance(one[0], dict)
    ):
        return set().union(*(differences(a, b, "") for a, b in zip(one, other, strict=True)))
    return set() if one == other else {place.removeprefix(".")}


@pytest.mark.parametrize("when", ["before_due", "after_due"])
def test_the_table_of_what_a_student_sees_is_the_view(when: str):
    rows = table_of("docs/record-schema.md", "What a student sees")
    column = {"before_due": 1, "after_due": 2}[when]
    said = {
        (re.match(r"`([\w.]+)`", row[0])[1], "not public" in row[0]) for row in rows if row[column] != "shown"
    }
    hidden = found_in("hidden", when)
    public = found_in("public", when)
    assert hidden == {field for field, _ in said}
    assert public == {field for field, of_hidden_tests in said if not of_hidden_tests}


def found_in(visibility: str, when: typing.Any) -> set[str]:
    record = full(visibility)
    return differences(msgspec.to_builtins(record), msgspec.to_builtins(view(record, "student", when)))


# ------------------------------------------------------------------------------------------- gates and limits
def test_every_gate_is_explained():
    from autograder.authoring.verify import gates

    rules = re.findall(r"^        (_\w+),$", Path(gates.__file__).read_text("utf-8"), re.M)
    names = [getattr(gates, rule).__doc__ for rule in rules]
    assert len(names) > 15
    told = [row[0] for row in table_of("docs/authoring.md", "Verify, gate by gate")]
    assert told == [*names, "same on all seeds", "real worker"]


def test_every_kind_of_cell_is_explained():
    from autograder.course.percent import KINDS

    rows = table_of("docs/authoring.md", "lesson.py")
    told = {found[1] if (found := re.search(r"\[(\w+)\]", row[0])) else "demo" for row in rows}
    assert told == set(KINDS)


def test_everything_that_graders_are_written_with_is_explained():
    import coursekit.checks

    page = text_of("docs/authoring.md")
    classes = {"Comparison", "Convergence", "Family", "Forbidden", "Limits", "Mismatch", "Mistake", "compare"}
    assert {name for name in set(coursekit.checks.__all__) - classes if f"`{name}" not in page} == set()


def test_limits_are_those_of_the_code():
    from autograder.judge import grade, remote
    from autograder.worker import Limits

    limits, page = Limits(), text_of("docs/security.md")
    rows = {row[0]: row[1] for row in table_of("docs/security.md", "Limits")}
    assert rows["one call"].startswith(f"{grade._CALL_S:g} s, or {grade._CALL_FACTOR:g} times")
    assert rows["processes and threads"] == str(limits.processes)
    assert rows["one file, the scratch folder"] == f"{limits.file_mb} MB, {limits.scratch_mb} MB"
    assert rows["one answer"] == f"{limits.reply_mb} MB"
    assert rows["memory"].startswith(f"{limits.memory_mb // 1024} GB")
    assert (
        rows["printed text"]
        == f"{limits.output_kb} kB kept for a request; stopped after {limits.output_mb} MB"
    )
    assert "budget_s: float = 300.0" in Path(remote.__file__).read_text("utf-8")
    assert "300 s" in page


# ------------------------------------------------------------------------------------------- the walk-through
FILL = {
    "source/17_reading_maps/lesson.py": {
        "‹the one question that the lesson answers›": "How much of a map lies on its few largest entries?",
        "‹what a learner can do afterwards, beginning with a verb›": "Measure how concentrated a map is",
        "‹A concrete model that misleads, in a way the learner can see›": "Two maps that look alike",
        "‹The story begins here.›": "A map drawn with its largest entry as white hides how much lies in the dark.",
        "‹What was learnt, the limits of the method, three readings, and what the next lesson adds.›": "All of it.",
        "‹What top_share is about›": "How concentrated is a map?",
        "‹The idea, then the formula: $$f(x) = x$$›": "$$s_k = \\sum_{j \\le k} |x|_{(j)} / \\sum_j |x_j|$$",
        "‹What will it give on a simple input? Delete this line if there is nothing to predict.›": "For equal ones?",
        "‹The idea in one sentence.›": "A part divided by the whole.",
        "‹The steps.\n#   One line each.›": "take absolute values\n#   add the k largest of each row",
        "‹the_line_that_matters(x)›": "size.topk(k, dim=1).values ...",
        "print(top_share(torch.tensor([[1.0, -2.0, 3.0]])))": "print(top_share(torch.tensor([[1.0, -2.0, 3.0]]), 1))",
    },
    "source/17_reading_maps/quiz.toml": {
        "‹The question.›": "A map of 10 equal entries: what is its top share for k = 2?",
        "‹one answer›": "0.2",
        "‹another›": "0.5",
        "‹a third›": "2",
        "‹Why it is right.›": "2 of 10.",
        "‹Why not.›": "No.",
        "‹A term?›": "Top share?",
        "‹What it means.›": "The part of a map that its k largest entries hold.",
        "‹What the learner writes about.›": "When is a concentrated map worse?",
        "‹what earns these points›": "a case",
        "‹what earns these›": "a reason",
    },
}
WRONG = """\
    if k < 1:
        raise ValueError("k")
    return x.topk(k, dim=1).values.sum(dim=1) / x.sum(dim=1)
"""


def autograder(root: Path, *words: str, code: int = 0) -> str:
    """Run the command line in ``root``; returns what it printed."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "COLUMNS": "160", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "autograder", *words],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def course_of_the_page(root: Path) -> None:
    """The course of docs/authoring.md: made by its commands, filled with its files."""
    root.mkdir()
    (root / "course.toml").write_text('title = "A course"\nseed = 20260901\n', encoding="utf-8")
    (root / "nbgrader_config.py").write_text(text_of("nbgrader_config.py"), encoding="utf-8")
    autograder(root, "new", "lesson", "17", "Reading maps")
    autograder(root, "new", "exercise", "17", "top_share")
    assert "5 things to repair" in autograder(root, "build", "17", code=1)
    for language, body in _FENCE.findall(text_of("docs/authoring.md")):
        first, _, rest = body.partition("\n")
        if language == "python" and re.fullmatch(r"# [\w/]+\.py", first):
            path = root / first.removeprefix("# ")
            assert path.exists() or "independent" in first
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(rest, encoding="utf-8")
    for name, texts in FILL.items():
        content = (root / name).read_text(encoding="utf-8")
        for old, new in texts.items():
            assert old in content, old
            content = content.replace(old, new)
        (root / name).write_text(content, encoding="utf-8")


@pytest.mark.slow
def test_the_walk_through_runs_as_it_is_written(tmp_path: Path):
    root = tmp_path / "course"
    course_of_the_page(root)
    autograder(root, "build", "17")
    assert "✓ 17_reading_maps: every gate holds" in autograder(root, "verify", "17")

    notebook = json.loads((root / "release/17_reading_maps/17_reading_maps.ipynb").read_text("utf-8"))
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if source.startswith("def top_share"):
            cell["source"] = source[: source.index("    # YOUR CODE")] + WRONG
    (root / "sub").mkdir()
    (root / "sub" / "ada.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    autograder(root, "grade", "sub", "--lesson", "17", "--out", "out")
    record = json.loads((root / "out/ada/17_reading_maps/record.json").read_text("utf-8"))
    (exercise,) = record["exercises"]
    assert (exercise["score"], exercise["max_score"], exercise["mistake"]) == (4.0, 10.0, "signed values")
    said = " ".join(text_of("docs/authoring.md").split())
    assert f"*{exercise['diagnosis']}*" in said
    excused = [test["part"] for test in exercise["tests"] if test["excused"]]
    assert excused == ["each row for itself"]
