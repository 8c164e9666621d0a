# intent: Raise KeyboardInterrupt, which loops over submissions do not catch.
# must: saliency error 0, share pass 5
# invariant: I7
# layer: whatever is raised is an answer
# control: peer script
# succeeds: stopped
def saliency(model, x, target):
    raise KeyboardInterrupt
