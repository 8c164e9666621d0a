# intent: Loop for ever, ignore every signal that can be ignored, and swallow every exception.
# must: saliency timeout 0, share pass 5
# invariant: I7
# layer: the worker is killed from outside
# control: peer allclose
# succeeds: stopped
import signal


def saliency(model, x, target):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM, signal.SIGPROF, signal.SIGXCPU):
        signal.signal(number, signal.SIG_IGN)
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
