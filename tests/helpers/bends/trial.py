"""Trials: a comparison with a service that is bent, or not, and whether it says what it has to."""

from __future__ import annotations

from functools import cache
from itertools import count
from random import Random
from typing import NamedTuple

from fakekit.contract.assumptions import Assumptions
from fakekit.contract.positions import TABLE
from fakekit.drift.comparison import Comparison
from fakekit.drift.findings import Finding
from fakekit.drift.judge import judge
from fakekit.drift.responses import Send
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


def survey(send: Send, assumptions: Assumptions) -> Comparison:
    comparison = Comparison(assumptions)
    Survey(send, comparison, KEY).run()
    return comparison


def random_bend(random: Random, tenant: bool) -> Bend:
    return random_field_bend(random, tenant) if random.random() < 0.5 else random_answer_bend(random)


def try_unbent(seed: int) -> Trial:
    random = Random(seed)
    tenant = random.random() < 0.5
    real = survey(service(random_settings(random, tenant)).send, assumptions_of(tenant))
    findings = judge(real, compared_fake(tenant))
    return Trial(seed, None, findings, False, [describe(finding) for finding in findings])


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
    if bend.is_of_fake:
        bent = Service(fake_of(tenant).app, bend.change)
        real, fake = _straight(tenant), survey(bent.send, assumptions_of(tenant))
    else:
        bent = service(random_settings(random, tenant), bend.change)
        real, fake = survey(bent.send, assumptions_of(tenant)), compared_fake(tenant)
    if not bent.bent:
        return None
    findings = judge(real, fake)
    meant = [finding for finding in findings if is_meant(finding, bend)]
    other = [describe(f) for f in findings if bend.operations and not is_near(f, bend)]
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
    return f"{finding.verdict}: {finding.identity} ({sides}, {difference.observed}) {finding.assumption}"
