"""Every sentence this package says about a file, in one place: what is wrong, why, what to do next.

Names and paths in them come from outside, so they go through `shown` first.
"""

from __future__ import annotations

SAVE_AGAIN = "Open it in JupyterLab, save it there, and hand in the .ipynb file."

EMPTY = "The file is empty. " + SAVE_AGAIN
CUT = (
    "The file stops in the middle of the notebook (line {line}): it was cut while being saved or "
    "copied. " + SAVE_AGAIN
)
DAMAGED = "The file is no valid notebook: its JSON is broken at line {line}. " + SAVE_AGAIN
LIST = "The file holds a JSON list, and a notebook is a JSON object with cells. " + SAVE_AGAIN
NOT_A_NOTEBOOK = (
    "The file is no notebook: it begins with {begin}, and a notebook begins with a brace. " + SAVE_AGAIN
)
NO_CELLS = "The file is JSON, but it has no list of cells, so it is no notebook. " + SAVE_AGAIN
WEB_PAGE = (
    "The file is a web page, not a notebook. In JupyterLab choose File, then Download (not Save and "
    "Export as HTML), and hand in the .ipynb file."
)
ARCHIVE = "The file is a zip archive that was renamed. Unpack it and hand in the .ipynb file inside."
PDF = "The file is a PDF. Hand in the notebook itself, the .ipynb file, not its printed form."
CONFLICT = (
    "The file holds git's marks of an unfinished merge (line {line}). Finish the merge, open the notebook in "
    "JupyterLab to see that it is whole, and hand it in again."
)
POINTER = (
    "The file is a Git LFS pointer, not the notebook it stands for. Run `git lfs pull` and hand in the "
    "real file."
)
TOO_LARGE = (
    "The file has {size} MB, and at most {limit} MB are read. In JupyterLab choose Edit, then Clear "
    "Outputs of All Cells, save, and hand it in again."
)
TOO_DENSE = (
    "The file holds more nested data than any notebook needs, so reading it was stopped. In JupyterLab "
    "choose Edit, then Clear Outputs of All Cells, save, and hand it in again."
)
TOO_MANY_CELLS = (
    "The notebook has more than {limit} cells, which is more than are read. Delete what is not part of "
    "the lesson."
)
NOT_A_FILE = "{path} is no ordinary file but {what}, so it is not read. Put the notebook itself there."
CANNOT_OPEN = "{path} could not be opened ({why}). Check that the file is there and that you may read it."

# Notes: what was repaired or left out while a notebook was read
NOTE_ENCODING = "The file is not UTF-8; it was read as {encoding}."
NOTE_OLD_FORMAT = "The notebook is in the old format {version}; its cells were read as they are."
NOTE_NO_TYPE = "Cell {cell} does not say whether it is code or text; it was read as code."
NOTE_NOT_A_CELL = "Cell {cell} is no cell and was left out."
NOTE_NO_SOURCE = "Cell {cell} holds no readable text and was left out."
NOTE_LARGE_CELL = "Cell {cell} holds more than {limit} kB of text and was left out."
NOTE_MUCH_CODE = (
    "The notebook holds more than {limit} kB of text; cell {cell} and those after it were left out."
)
NOTE_CHARACTERS = "Cell {cell} held characters that no Python source may hold; they were replaced."
NOTE_BESIDE = "{name} was read; other notebooks beside it were not: {others}."
NOTE_OTHER_LESSON = "The notebook says it belongs to lesson {said}, but it was handed in for {lesson}."
NOTE_MORE = "{count} more notes of this kind were left out."

# Problems: what kept files from being graded
NO_SUCH_PATH = "There is no file or folder {path}. {hint}"
NOT_A_SUBMISSION = (
    "{path} is no notebook (.ipynb), no folder and no archive. Name a notebook, the folder that holds the "
    "notebooks, or the archive that was downloaded."
)
ARCHIVE_PATH = "{path} is an archive, and archives are not opened here. Unpack it and name the folder."
ARCHIVE_KIND = (
    "{path} is an archive of a kind that is not opened (.zip, .tar, .tar.gz and .tar.bz2 are). Unpack it and "
    "name the folder."
)
ARCHIVE_STOPPED = (
    "{path} was not read to its end: {why}. What was found before that is graded. Unpack it yourself and name "
    "the folder, or download it again."
)
WHY_DAMAGED = "it is damaged, or no archive at all"
WHY_HEADER = "its list of contents is larger than any class needs"
WHY_ENTRIES = "it holds more than {limit} files and folders"
WHY_TOTAL = "unpacked it has more than {limit} GB"
WHY_TIME = "reading it takes more than {seconds:g} s"
_IN_ARCHIVE = "{name} in {path} was not read: "
IN_ARCHIVE_NAME = _IN_ARCHIVE + "its name leads out of the archive, or is no name for a file."
IN_ARCHIVE_LINK = _IN_ARCHIVE + "it is a link, and links are not followed. Put the file itself there."
IN_ARCHIVE_LOCKED = _IN_ARCHIVE + "it is locked by a password. Unpack it yourself and name the folder."
IN_ARCHIVE_ODD = _IN_ARCHIVE + "it is packed in an unusual way. Unpack it yourself and name the folder."
IN_ARCHIVE_SPECIAL = _IN_ARCHIVE + "it is no ordinary file."
IN_ARCHIVE_NESTED = (
    _IN_ARCHIVE + "it is an archive inside an archive. Unpack it yourself and name the folder."
)
IN_ARCHIVE_DAMAGED = _IN_ARCHIVE + "it is damaged. Download the archive again, or ask for the notebook."
IN_ARCHIVE_TWICE = (
    "{name} is in {path} twice, with different content, so neither was read. Unpack it yourself, keep the one "
    "that counts, and name the folder."
)
EMPTY_FOLDER = "{path} is empty: there is nothing to grade. Name the folder that holds the notebooks."
NO_NOTEBOOKS = (
    "{path} holds no notebook. Looked for <student>.ipynb, <student>/<lesson>/<lesson>.ipynb and one "
    "notebook in each student's folder."
)
OTHER_LESSONS = (
    "{path} holds no notebook of lesson {lesson}: what is there belongs to {others}. "
    "Name that lesson instead (--lesson {first}), or another folder."
)
UNKNOWN_LESSON = "There is no lesson {name}. {hint}"
WHICH_LESSON = "Nothing says which lesson {path} belongs to. Name it: --lesson NN."
TWO_FILES = (
    "{student} handed in two notebooks for lesson {lesson}: {first} and {second}. Keep the one that "
    "counts and grade again."
)
MORE_FILES = (
    "{student} handed in {count} notebooks for lesson {lesson}, among them {first} and {second}. "
    "Keep the one that counts and grade again."
)
SAME_FOLDER = (
    "The students {first} and {second} would share the output folder {folder}. Rename one of {path_one}"
    " and {path_two} and grade again."
)
LINK = (
    "{path} is a symbolic link, and links inside a folder of submissions are not followed. Put the file"
    " itself there."
)
OTHER_LESSON_FILE = (
    "{path} is a notebook of lesson {other}, not of {lesson}. Hand in the notebook of {lesson}, or "
    "grade {other}."
)
STUDENT_WITHOUT = "{student} has no notebook in {path}."
TOO_MANY_ENTRIES = (
    "{path} holds more than {limit} files and folders; the rest was not looked at. Name a smaller folder."
)

# Concept questions
UNANSWERED = "{id} is not answered yet: write your answer in place of the dots, as in {example}."
NO_LINE = (
    "{id} is not answered: no line of the form {id} = ... was found. Put your answer in a code cell as "
    "{example}."
)
INDENTED = (
    "{id} is only assigned inside an indented block, which is not read. Put {example} at the left "
    "margin of a cell."
)
NOT_PYTHON = "{id} = {code} cannot be read: {why}. Write one plain value, as in {example}."
BARE_NAME = '{id} = {code} names a variable. If you mean the text, put it in quotes: {id} = "{code}".'
NO_LITERAL = (
    "{id} = {code} is not a plain value, and answers are read, never run. Write the value itself, as in"
    " {example}."
)
CHANGED = (
    "{id} is changed by {code} after it was assigned, and answers are read, never run. Write the final "
    "value, as in {example}."
)
BAD_NUMBER = (
    "{id} = {code} has no finite value in the range of ordinary numbers. Write the number itself, as in"
    " {example}."
)
TOO_LONG = (
    "The answer to {id} is too long or too deeply nested to be read. Write one plain value, as in {example}."
)
EXAMPLE = '{id} = "a" or {id} = 0.5'


def shown(text: object, most: int = 200) -> str:
    """Text from outside, fit for a sentence: one line, at most `most` characters, harmless to a terminal.

    Control characters, direction overrides and unpaired surrogates appear as escapes.
    """
    whole = str(text)
    cut = whole if len(whole) <= most else whole[: most - 1] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut)
