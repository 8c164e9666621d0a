# intent: Raise an error whose class, text and printed words are lone surrogates, nulls and control characters.
# must: saliency error 0, share pass 5
# invariant: I6
# layer: text is made encodable before it is written
# control: unguarded
# succeeds: stopped
import sys


class Odd(Exception):
    pass


Odd.__name__ = "Odd\x1b[2J\u202e"


def saliency(model, x, target):
    print("\udfff\x1b]0;title\x07\u202e")
    sys.stderr.write("\ud800")
    raise Odd("\ud800\0\x1b[31m\u202e" * 100)


def unguarded(folder):
    import json

    text = json.dumps({"message": "\ud800"}, ensure_ascii=False)
    try:
        (folder / "record.json").write_text(text, encoding="utf-8")
    except UnicodeEncodeError:
        return {"stopped"}
    return set()
