"""A run that is stopped, by whatever, loses nothing and leaves nothing: folders, disks, locks, processes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.records import read_record
from autograder.records.claim import OutError, claim
from autograder.records.store import CannotWrite, unfinished, write_atomically
from autograder.worker import scratch
from autograder.worker.scratch import Scratch, sweep

KILLING = Path(__file__).with_name("killing.py")


def grade(course: Path, *words: object, code: int | None = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "autograder", "grade", *map(str, words), "--jobs", "1"]
    env = os.environ | {"NO_COLOR": "1", "COLUMNS": "200"}
    done = subprocess.run(command, cwd=course, env=env, capture_output=True, text=True, timeout=300)
    assert code is None or done.returncode == code, done.stderr
    return done


@pytest.fixture(scope="module")
def handed_in(plain, plain_course, tmp_path_factory) -> tuple[Path, dict[str, float]]:
    folder = tmp_path_factory.mktemp("in") / "class"
    return folder, plain.hand_in(plain_course, folder, 8)


# ------------------------------------------------------------------------------------------- kills
def campaign(course: Path, handed_in: Path, points: dict, folder: Path, kills: int, **options: str) -> dict:
    words = [str(course), str(handed_in), str(folder), "--kills", str(kills), "--points", json.dumps(points)]
    for name, value in options.items():
        words += [f"--{name}", value]
    done = subprocess.run(
        [sys.executable, str(KILLING), *words], capture_output=True, text=True, timeout=60 + 120 * kills
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_random_kills_lose_nothing_and_leave_nothing(plain_course, handed_in, tmp_path, record_property):
    kills = int(os.environ.get("AUTOGRADER_KILLS", "100"))
    seed = os.environ.get("AUTOGRADER_KILLS_SEED", "1")
    said = campaign(plain_course, *handed_in, tmp_path / "k", kills, seed=seed)
    record_property("kills", json.dumps(said))
    assert said["problems"] == []
    assert said["kills"] == kills
    assert {"run", "all", "judge", "sandbox", "zygote"} <= said["victims"].keys()  # workers live milliseconds
    assert all(count > 0 for count in said["moments"][:3])  # it was killed early, half-way and late


@pytest.mark.slow
def test_thirty_kills_on_lesson_02(tmp_path):
    root = Path(__file__).resolve().parents[2]
    lesson = "02_gradient_attribution"
    wanted = json.loads((root / "examples" / "expected.json").read_text())[lesson]
    chosen = ["perfect_loops", "half_right_factor", "stub_untouched", "process_exits", "malformed_json"]
    for student in chosen:
        place = Path(student) / lesson  # of that lesson alone
        shutil.copytree(root / "examples" / "submissions" / place, tmp_path / "in" / place)
    points = {student: float(wanted[student]["score"]) for student in chosen}
    said = campaign(root, tmp_path / "in", points, tmp_path / "k", 30, seed="2", isolation="best")
    assert said["problems"] == []
    assert said["kills"] == 30


# ------------------------------------------------------------------------------------------- writing
STEPS = ("mkstemp", "write", "flush", "fsync", "chmod", "replace")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("after", [False, True])
def test_a_kill_at_any_step_of_a_write_leaves_the_old_file_or_the_new_one(tmp_path, step, after):
    path = tmp_path / "s" / "02_l" / "record.json"
    write_atomically(path, b"old")
    code = f"""
import io, os, signal, sys, tempfile
from pathlib import Path
from autograder.records.store import write_atomically

def killed(call):
    def stand_in(*values, **names):
        result = call(*values, **names) if {after} else None
        os.kill(os.getpid(), signal.SIGKILL)
        return result
    return stand_in

class Stream(io.FileIO):
    def write(self, data): return super().write(data)
    def flush(self): return super().flush()

if {step!r} in ("write", "flush"):
    setattr(Stream, {step!r}, killed(getattr(Stream, {step!r})))
    os.fdopen = lambda handle, mode: Stream(handle, mode)
else:
    where = tempfile if {step!r} == "mkstemp" else os
    setattr(where, {step!r}, killed(getattr(where, {step!r})))
write_atomically(Path(sys.argv[1]), b"new" * 100_000)
"""
    done = subprocess.run([sys.executable, "-c", code, str(path)], timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    new = step == "replace" and after
    assert path.read_bytes() == (b"new" * 100_000 if new else b"old")
    left = list(unfinished(tmp_path))
    assert len(left) == (0 if new or (step == "mkstemp" and not after) else 1)
    with claim(tmp_path):
        assert list(unfinished(tmp_path)) == []
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [path]


def test_what_cannot_be_written_is_said_with_its_place(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotWrite) as caught:
        write_atomically(tmp_path / "file" / "record.json", b"x")
    assert caught.value.filename == str(tmp_path / "file" / "record.json")


# ------------------------------------------------------------------------------------------- one folder, one run
def test_a_second_run_on_one_folder_says_so_and_grades_nothing(plain_course, handed_in, tmp_path):
    out = tmp_path / "out"
    with claim(out):
        done = grade(plain_course, handed_in[0], "--out", out, code=2)
        assert done.stderr == (
            f"autograder: {out} is being written by another `autograder grade` (process {os.getpid()}). Nothing was "
            "graded: wait until it has ended, or name another folder with --out.\n"
        )
    assert not out.exists()


@pytest.mark.slow
def test_two_runs_at_once_end_in_whole_records(plain_course, handed_in, tmp_path):
    folder, points = handed_in
    command = [sys.executable, "-m", "autograder", "grade", str(folder), "--out", str(tmp_path / "out")]
    runs = [
        subprocess.Popen(command, cwd=plain_course, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(2)
    ]
    codes = sorted(run.wait(300) for run in runs)
    assert codes in ([0, 0], [0, 2])
    found = {p.parts[-3]: read_record(p).score for p in (tmp_path / "out").glob("*/*/record.json")}
    assert found == points


def test_the_lock_ends_with_its_holder_and_what_that_had_begun_goes(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from autograder.records.claim import claim\n"
        "with claim(Path(sys.argv[1])):\n"
        "    print('held', flush=True); time.sleep(600)"
    )
    out = tmp_path / "out"
    holder = subprocess.Popen([sys.executable, "-c", code, str(out)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "held\n"
    for place in (".report.html.abcd1234.tmp", "s/02_l/.record.json.abcd1234.tmp"):
        (out / place).parent.mkdir(parents=True, exist_ok=True)
        (out / place).write_text("ha")
    (out / "s" / "02_l" / "notes.tmp").write_text("somebody's own")
    with pytest.raises(OutError, match=rf"\(process {holder.pid}\)"), claim(out):
        pass
    assert len(list(unfinished(out))) == 2  # a folder that somebody holds is left alone
    holder.kill()
    holder.communicate()
    with claim(out):
        assert list(unfinished(out)) == []
    assert sorted(p.name for p in out.rglob("*") if p.is_file()) == ["notes.tmp"]


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    said = r"/file is no folder\. Nothing was graded: name another"
    with pytest.raises(OutError, match=said), claim(tmp_path / "file"):
        pass
    with pytest.raises(OutError, match=r"no folder"), claim(tmp_path / "file" / "below"):
        pass


# ------------------------------------------------------------------------------------------- disks
SCRIPT = """
set -e
mount -t tmpfs -o size=500k none "$OUT"
head -c 330000 /dev/zero > "$OUT/filler"
set +e
$GRADE --out "$OUT" > "$KEEP/first" 2> "$KEEP/first.errors"; echo $? > "$KEEP/first.code"
cp -r "$OUT" "$KEEP/full"
rm "$OUT/filler"
$GRADE --out "$OUT" > "$KEEP/second" 2> "$KEEP/second.errors"; echo $? > "$KEEP/second.code"
cp -r "$OUT" "$KEEP/complete"
mount -o remount,ro "$OUT"
$GRADE --out "$OUT" > "$KEEP/third" 2> "$KEEP/third.errors"; echo $? > "$KEEP/third.code"
"""


@pytest.mark.slow
def test_a_full_disk_and_a_read_only_one_cost_nothing_that_is_finished(plain_course, handed_in, tmp_path):
    room = ["unshare", "--user", "--map-root-user", "--mount"]
    if shutil.which("unshare") is None or subprocess.run([*room, "true"], check=False).returncode:
        pytest.skip(
            "needs mounts of its own: run as a user that may make user namespaces (sysctl user.max_user_namespaces)"
        )
    folder, points = handed_in
    out, keep = tmp_path / "out", tmp_path / "keep"
    out.mkdir()
    keep.mkdir()
    command = f"{sys.executable} -m autograder grade {folder} --isolation plain --jobs 1"
    env = os.environ | {
        "OUT": str(out),
        "KEEP": str(keep),
        "GRADE": command,
        "COLUMNS": "300",
        "NO_COLOR": "1",
    }
    subprocess.run([*room, "sh", "-c", SCRIPT], cwd=plain_course, env=env, check=True, timeout=300)

    def said(name: str) -> str:
        return (keep / name).read_text()

    assert said("first.code") == "3\n"
    finished = {p.parts[-3]: p.read_bytes() for p in (keep / "full").glob("*/*/record.json")}
    assert 0 < len(finished) < len(points)
    assert (
        f"autograder: {out} could not be written to (No space left on device), so grading was stopped."
        in said("first.errors")
    )
    assert all(read_record(p).score == points[p.parts[-3]] for p in (keep / "full").glob("*/*/record.json"))
    assert list(unfinished(keep / "full")) == []

    assert said("second.code") == "0\n"
    complete = {p.parts[-3]: p for p in (keep / "complete").glob("*/*/record.json")}
    assert {student: read_record(path).score for student, path in complete.items()} == points
    assert all(complete[student].read_bytes() == data for student, data in finished.items())
    assert f"{len(finished)} unchanged, {len(points) - len(finished)} graded." in said("second")

    assert said("third.code") == "2\n"
    assert said("third.errors") == (
        f"autograder: {out} cannot be written to (Read-only file system). Nothing was graded: name another folder with "
        "--out.\n"
    )


# ------------------------------------------------------------------------------------------- temporary folders
@pytest.fixture
def temporary(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(scratch.tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_lives_as_long_as_its_owner(temporary):
    with Scratch() as mine, Scratch() as another:
        assert mine != another
        assert sweep() == []
        assert mine.is_dir()
    assert list(temporary.iterdir()) == []


def test_the_folder_of_a_killed_owner_goes_with_the_next_start(temporary):
    code = (
        "import time; from autograder.worker.scratch import Scratch; s = Scratch(); (s.path / 'x').mkdir(); "
        "print(s.path, flush=True); time.sleep(600)"
    )
    env = os.environ | {"TMPDIR": str(temporary)}
    owner = subprocess.Popen([sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, text=True)
    path = Path(owner.stdout.readline().strip())
    assert sweep() == []
    owner.kill()
    owner.communicate()
    with Scratch():
        assert not path.exists()


def test_only_what_is_surely_nobodys_is_swept(temporary):
    outside = temporary / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    (temporary / "autograder-link").symlink_to(outside)
    (temporary / "autograder-file").write_text("x")
    (temporary / "other-folder").mkdir()
    young, old = temporary / "autograder-young", temporary / "autograder-old"
    for folder in (young, old):
        folder.mkdir()
    os.utime(old, (time.time() - 2 * 86_400,) * 2)
    (temporary / "autograder-lock").mkdir()
    (temporary / "autograder-lock" / ".owner").symlink_to(outside / "precious")
    assert sweep() == [old]
    assert (outside / "precious").read_text() == "x"
    assert young.is_dir()
