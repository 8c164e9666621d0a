"""The table of attacks: what each tries, what came of it in each surrounding, what stops it, and the control.

    python -m tests.redteam [NAME ...] [--here] [--without-controls] [--json]

Exit code 0 when every attack failed as it must and every control succeeded; 1 when not.
"""

from __future__ import annotations

import argparse
import json
import sys

from rich.console import Console
from rich.table import Table

from tests.redteam.case import INVARIANTS, SIGNS, Attack, attacks
from tests.redteam.control import Controls
from tests.redteam.grading import HONEST, Place
from tests.redteam.surroundings import Surrounding, surroundings


def main() -> int:
    """Grade, play the controls, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.redteam", description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="attacks; all when none is named")
    parser.add_argument("--here", action="store_true", help="only in the first surrounding")
    parser.add_argument("--without-controls", action="store_true", help="grade alone: half the time")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    chosen = [attack for attack in attacks() if not options.names or attack.name in options.names]
    if unknown := sorted(set(options.names) - {attack.name for attack in chosen}):
        parser.error(f"no attack is called {', '.join(unknown)}: see tests/redteam/attacks/")
    places = surroundings()[: 1 if options.here else None]
    said = Console(stderr=True, highlight=False)
    rows = {attack.name: {"attack": attack, "outcomes": {}, "wrong": []} for attack in chosen}
    for place in places:
        if why := place.unavailable():
            said.print(f"left out: {place.name}: {why}")
            continue
        said.print(f"grading: {place.name}")
        _grade(place, chosen, rows)
    controls = {} if options.without_controls else _controls(chosen, said)
    if options.json:
        print(json.dumps(_as_json(rows, controls), indent=1))
    else:
        _print(rows, controls, [place for place in places if not place.unavailable()])
    bad = [name for name, row in rows.items() if row["wrong"]]
    bad += [
        attack.name
        for attack in chosen
        if attack.succeeds not in controls.get(attack.name, {attack.succeeds})
    ]
    return 1 if bad else 0


def _grade(place: Surrounding, chosen: list[Attack], rows: dict) -> None:
    run, strays = place.run(chosen)
    honest = [
        name for name in HONEST if name in run.seen and run.seen[name].exercise("saliency")[0] == "pass"
    ]
    for attack in place.attacks():
        if attack.name in rows:
            wrong = place.verdict(attack)
            rows[attack.name]["wrong"] += [f"{place.name}: {one}" for one in wrong]
            rows[attack.name]["outcomes"][place.name] = "; ".join(wrong) if wrong else _outcome(attack, run)
    if strays or len(honest) < len(HONEST):
        for row in rows.values():
            row["wrong"].append(f"{place.name}: honest work lost points, or this was left: {sorted(strays)}")


def _outcome(attack: Attack, run) -> str:
    name = getattr(attack.module(), "STUDENT", attack.name) if attack.kind == "notebooks" else attack.name
    if name not in run.seen:
        return "not read, and named"
    status, points = run.seen[name].exercise("record" if "record" in attack.must else "saliency")
    return f"{status} {points:g}"


def _controls(chosen: list[Attack], said: Console) -> dict[str, set[str]]:
    found = {}
    with Place() as place, Controls(place) as controls:
        for number, attack in enumerate(sorted(chosen, key=lambda one: one.control), 1):
            said.print(f"without its layer ({number} of {len(chosen)}): {attack.name}")
            found[attack.name] = controls.signs(attack)
    return found


def _print(rows: dict, controls: dict[str, set[str]], places: list[Surrounding]) -> None:
    table = Table(title="Attacks", show_lines=False)
    for title in ("attack", "tries", *(place.name for place in places), "stopped by", "without it"):
        table.add_column(title, overflow="fold")
    for name, row in rows.items():
        attack: Attack = row["attack"]
        outcomes = [row["outcomes"].get(place.name, "·") for place in places]
        without = "·"
        if name in controls:
            without = (
                f"succeeds: {SIGNS[attack.succeeds]}" if attack.succeeds in controls[name] else "FAILS TOO"
            )
        mark = "!! " if row["wrong"] else ""
        table.add_row(
            f"{mark}{name} ({attack.kind})",
            f"{attack.invariant}. {attack.intent}",
            *outcomes,
            attack.layer,
            without,
        )
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=200)
    console.print(table)
    for key, text in INVARIANTS.items():
        console.print(f"{key}: {text}")
    bad = sum(bool(row["wrong"]) for row in rows.values())
    weak = [name for name, signs in controls.items() if rows[name]["attack"].succeeds not in signs]
    console.print(f"{len(rows)} attacks: {len(rows) - bad} fail as they must, {bad} do not.")
    if controls:
        console.print(
            f"{len(controls) - len(weak)} succeed without their layer, {len(weak)} do not: {', '.join(weak) or 'none'}."
        )


def _as_json(rows: dict, controls: dict[str, set[str]]) -> list[dict]:
    found = []
    for name, row in rows.items():
        attack: Attack = row["attack"]
        found.append(
            {
                "name": name,
                "kind": attack.kind,
                "intent": attack.intent,
                "invariant": attack.invariant,
                "layer": attack.layer,
                "control": attack.control,
                "outcomes": row["outcomes"],
                "wrong": row["wrong"],
                "without": sorted(controls.get(name, ())),
            }
        )
    return found


if __name__ == "__main__":
    sys.exit(main())
