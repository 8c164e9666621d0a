# intent: Call the file by markup that runs a script.
# must: saliency pass 10, share pass 5
# invariant: I6
# layer: pages are escaped
# control: unguarded
# succeeds: opened
NAME = "<img src=x onerror=alert(1)>"
STUDENT = "_img_src_x_onerror_alert_1__"


def build(place):
    return {NAME + ".ipynb": place.notebook()}


def unguarded(data, folder):
    return {"opened"} if NAME in f"<td>{NAME}</td>" else set()
