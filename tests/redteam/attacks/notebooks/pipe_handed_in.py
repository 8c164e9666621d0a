# intent: Hand in a pipe, which whoever opens it waits at for ever.
# must: record none|error -1
# invariant: I6
# layer: only ordinary files are opened, without waiting
# control: unguarded
# succeeds: stopped
import os
import select
import threading


def build(place):
    return {"pipe_handed_in.ipynb": None}


def unguarded(data, folder):
    os.mkfifo(folder / "pipe")
    reader = threading.Thread(target=(folder / "pipe").read_bytes, daemon=True)
    reader.start()
    reader.join(0.5)
    waits = reader.is_alive()
    os.close(os.open(folder / "pipe", os.O_WRONLY | os.O_NONBLOCK))
    reader.join(5)
    return {"stopped"} if waits else set()
