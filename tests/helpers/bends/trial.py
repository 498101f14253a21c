"""Trials: a comparison with a service that is bent, or not, and whether it says what it has to."""

from __future__ import annotations

from functools import cache
from itertools import count
from random import Random
from typing import NamedTuple

from fakekit.contract.assumptions import Assumptions
from fakekit.contract.positions import TABLE
from fakekit.drift.comparison import Comparison
from fakekit.drift.findings import Finding, Outcome
from fakekit.drift.judge import judge
from fakekit.drift.responses import Send
from fakekit.drift.settling import Settling
from fakekit.drift.survey import Survey
from fakekit.settings import Settings
from tests.helpers.bends.answers import random_answer_bend
from tests.helpers.bends.fields import random_field_bend
from tests.helpers.bends.service import KEY, Bend, Service, random_settings, service


class Trial(NamedTuple):
    """What came of one comparison.

    bend: of the service; None for one that is not bent.
    wrong: findings that nothing explains, and what else is wrong, in words.
    """

    seed: int
    bend: Bend | None
    findings: list[Finding]
    is_found: bool
    wrong: list[str]


def assumptions_of(tenant: bool) -> Assumptions:
    return Assumptions(TABLE, {"payload.tenant_fields": tenant})


@cache
def fake_of(tenant: bool) -> Service:
    """The fake of a user who knows which rendering the service has."""
    return service(Settings.of(assumptions={"payload.tenant_fields": tenant}))


@cache
def compared_fake(tenant: bool) -> Comparison:
    """The comparison of that fake, which no trial changes."""
    return survey(fake_of(tenant).send, assumptions_of(tenant))


def survey(send: Send, assumptions: Assumptions, settling: Settling | None = None) -> Comparison:
    comparison = Comparison(assumptions)
    Survey(send, comparison, KEY, settling=settling).run()
    return comparison


def refuted(settling: Settling, findings: list[Finding]) -> list[str]:
    """The assumptions that a run refutes, and that no finding names."""
    named = {finding.assumption for finding in findings}
    results = settling.results(findings)
    return [r.name for r in results if r.outcome is Outcome.REFUTED and r.name not in named]


def random_bend(random: Random, tenant: bool) -> Bend:
    return random_field_bend(random, tenant) if random.random() < 0.5 else random_answer_bend(random)


def try_unbent(seed: int) -> Trial:
    random = Random(seed)
    tenant = random.random() < 0.5
    settling = Settling(assumptions_of(tenant))
    real = survey(service(random_settings(random, tenant)).send, assumptions_of(tenant), settling)
    findings = judge(real, compared_fake(tenant))
    wrong = [*map(describe, findings), *refuted(settling, findings)]
    return Trial(seed, None, findings, False, wrong)


def try_bent(seed: int) -> Trial:
    """A trial of the first random bend that changes an answer: a world may have no record to change."""
    for attempt in count():
        trial = _try_once(seed, Random(f"{seed} {attempt}"))
        if trial is not None:
            return trial
    raise AssertionError


def _try_once(seed: int, random: Random) -> Trial | None:
    tenant = random.random() < 0.5
    bend = random_bend(random, tenant)
    settling = Settling(assumptions_of(tenant))
    if bend.is_of_fake:
        bent = Service(fake_of(tenant).app, bend.change)
        real, fake = _straight(tenant), survey(bent.send, assumptions_of(tenant))
    else:
        bent = service(random_settings(random, tenant), bend.change)
        real, fake = survey(bent.send, assumptions_of(tenant), settling), compared_fake(tenant)
    if not bent.bent:
        return None
    findings = judge(real, fake)
    meant = [finding for finding in findings if is_meant(finding, bend)]
    other = [describe(f) for f in findings if bend.operations and not is_near(f, bend)]
    other += [name for name in refuted(settling, findings) if name not in bend.refutes]
    return Trial(seed, bend, findings, bool(meant), other)


@cache
def _straight(tenant: bool) -> Comparison:
    """The comparison of a service that has records of every kind and is not bent."""
    settings = Settings.of(seed=99, customers=12, assumptions={"payload.tenant_fields": tenant})
    return survey(service(settings).send, assumptions_of(tenant))


def is_near(finding: Finding, bend: Bend) -> bool:
    return finding.difference.place.operation in {"", *bend.operations}


def is_meant(finding: Finding, bend: Bend) -> bool:
    """Whether a finding is about the bend, with the right verdict."""
    return (
        (not bend.operations or is_near(finding, bend))
        and finding.difference.kind in bend.kinds
        and finding.verdict in bend.verdicts
        and (not bend.assumption or finding.assumption == bend.assumption)
    )


def describe(finding: Finding) -> str:
    difference = finding.difference
    sides = f"{'|'.join(map(str, difference.contract))} -> {'|'.join(map(str, difference.seen))}"
    return f"{finding.verdict}: {finding.title} ({sides}, {difference.observed}) {finding.assumption}"
