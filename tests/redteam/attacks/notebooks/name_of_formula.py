# intent: Call the file by a formula that a spreadsheet runs.
# must: saliency pass 10, share pass 5
# invariant: I6
# layer: cells that a spreadsheet would run get an apostrophe
# control: unguarded
# succeeds: opened
import csv
import io

NAME = "=HYPERLINK(A1,1)"
STUDENT = "_HYPERLINK_A1_1_"


def build(place):
    return {NAME + ".ipynb": place.notebook()}


def unguarded(data, folder):
    file = io.StringIO()
    csv.writer(file).writerow([NAME, 10])
    return {"opened"} if file.getvalue().lstrip('"').startswith("=") else set()
