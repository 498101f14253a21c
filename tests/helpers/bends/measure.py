"""Precision and recall of the comparison: ``python -m tests.helpers.bends.measure 300`` prints them.

Each service has a random seed and one of the two renderings. A failed trial can be tried again by its number.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tests.helpers.bends.trial import Trial, describe, try_bent, try_unbent


class Measurement(NamedTuple):
    """What comes of trials.

    precision: the share of findings that are about a bend. recall: the share of bends that are found, with
        the right verdict.
    failures: what is wrong, a line for each.
    """

    precision: float
    recall: float
    failures: list[str]

    def __str__(self) -> str:
        return f"precision {self.precision:.2%}, recall {self.recall:.2%}"


def measure(numbers: Iterable[int]) -> Measurement:
    """Compare two services for each number, one that is bent and one that is not."""
    found, wrong, bends = 0, 0, 0
    missed: list[str] = []
    failures: list[str] = []
    for number in numbers:
        for trial in (try_unbent(number), try_bent(number)):
            wrong += len(trial.wrong)
            found += len(trial.findings) - len(trial.wrong)
            failures += [f"{number}: {name_of(trial)}: false: {line}" for line in trial.wrong]
            if trial.bend is not None:
                bends += 1
                missed += [] if trial.is_found else list(_missed(trial))
    return Measurement(found / ((found + wrong) or 1), 1 - len(missed) / bends, [*failures, *missed])


def name_of(trial: Trial) -> str:
    return trial.bend.name if trial.bend is not None else "not bent"


def _missed(trial: Trial) -> Iterator[str]:
    """One line for a bend that was not found."""
    findings = "; ".join(map(describe, trial.findings[:3])) or "nothing"
    yield f"{trial.seed}: {name_of(trial)}: missed, found {findings}"


def main(arguments: list[str]) -> int:
    count, first = (int(n) for n in [*arguments, *("300", "0")[len(arguments) :]])
    measurement = measure(range(first, first + count))
    print(f"{count} bent and {count} unbent services: {measurement}")
    print(*measurement.failures, sep="\n")
    return 0 if measurement.precision == 1 and measurement.recall >= 0.99 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
