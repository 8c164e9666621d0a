"""Wants to know: looks for the reference, the graders and the seeds, and carries hidden inputs out in every way."""

# %% [before] saliency
import contextlib
import glob
import os
import socket
import sys

WORDS = ("reference_impl", "autograder/judge", "tests/graders", "course.toml", "quiz.toml", "AUTOGRADER_SEED")


def numbers(*tensors):
    return "SECRET " + " ".join(f"{v:.17g}" for t in tensors for v in t.flatten().tolist()[:50])


def look_around():
    """Print FOUND for all that nobody should find."""
    places = [os.getcwd(), "/", "/work", "/home", "/root", "/tmp", "/etc", *sys.path]
    places += glob.glob("/proc/[0-9]*/cwd") + glob.glob("/proc/[0-9]*/root") + glob.glob("/proc/self/fd/*")
    for place in places:
        with contextlib.suppress(OSError):
            for name in os.listdir(place):
                if name in ("reference_impl", "autograder", "quiz.toml", "course.toml", "submissions"):
                    print("FOUND", os.path.join(place, name))
    for path in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            text = open(path, errors="replace").read()
            for word in WORDS:
                if word in text:
                    print("FOUND", word, "in", path)
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in ("autograder", "reference_impl", "pytest"):
            print("FOUND module", name)
    print("LOOKED at", len(places), "places")
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", 22), timeout=0.2)
        print("FOUND a network")


look_around()

# %% saliency
def saliency(model, x, target):
    raise RuntimeError(numbers(x, model(x)))

# %% gradient_times_input
def gradient_times_input(model, x, target):
    print(numbers(x), flush=True)
    print(numbers(x), file=sys.stderr, flush=True)
    os.write(1, numbers(x).encode())
    return x * 1e-300

# %% integrated_gradients
def integrated_gradients(model, x, baseline, target, steps):
    look_around()
    name = "SECRET_" + "_".join(f"{v:.6g}".replace(".", "p").replace("-", "m") for v in x.flatten().tolist()[:6])
    raise type(name, (Exception,), {})(name)

# %% smoothgrad
def smoothgrad(model, x, target, noise, noise_level):
    return {numbers(x): 1.0, numbers(noise): 2.0}

# %% completeness_gap
def completeness_gap(attributions, model, x, baseline, target):
    return {"gap": numbers(attributions), "relative": numbers(x)}

# %% guided_backprop
def guided_backprop(model, x, target):
    secret = type("SECRET_" + str(x.shape[0]), (), {"__repr__": lambda self: numbers(x), "__str__": lambda self: numbers(x)})
    return secret()

# %% rank_similarity
def rank_similarity(a, b, absolute=True):
    with open("SECRET.txt", "w") as file:
        file.write(numbers(a, b))
    raise ValueError(numbers(a)) from RuntimeError(numbers(b))

# %% cascading_randomisation
def cascading_randomisation(model, x, target, layers, new_params, explain):
    import captum

    return captum.attr.Saliency(model).attribute(x, target=target)[None]
