# intent: Raise and print markup, so that whoever opens the report runs it.
# must: saliency error 0, share pass 5
# invariant: I6
# layer: pages are escaped
# control: unguarded
# succeeds: opened
SCRIPT = "</pre></script><script>document.title='REACH'+'ED'</script><img src=x onerror=alert(1)>"


def saliency(model, x, target):
    print(SCRIPT)
    raise ValueError(SCRIPT)


def unguarded(folder):
    page = f"<html><body><pre>{SCRIPT}</pre></body></html>"  # as pages are often made
    return {"opened"} if "<script>document" in page else set()
