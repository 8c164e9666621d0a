# intent: Sleep for ever, which takes no computing time.
# must: saliency timeout 0, share pass 5
# invariant: I7
# layer: time is measured on the wall
# control: peer cpu_time
# succeeds: stopped
import time


def saliency(model, x, target):
    time.sleep(10**6)
