"""The states of a job."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain.errors import BugError
from inspector_app.domain.jobs import JobState, ResultRecord, move, parse_tags

S = JobState
ALLOWED = {
    (S.QUEUED, S.STARTING),
    (S.QUEUED, S.CANCELLED),
    (S.QUEUED, S.INTERRUPTED),
    (S.STARTING, S.RUNNING),
    (S.STARTING, S.CANCELLING),
    (S.STARTING, S.CANCELLED),
    (S.STARTING, S.FAILED),
    (S.STARTING, S.COMPLETED),
    (S.STARTING, S.INTERRUPTED),
    (S.RUNNING, S.CANCELLING),
    (S.RUNNING, S.COMPLETED),
    (S.RUNNING, S.CANCELLED),
    (S.RUNNING, S.FAILED),
    (S.RUNNING, S.INTERRUPTED),
    (S.CANCELLING, S.CANCELLED),
    (S.CANCELLING, S.COMPLETED),
    (S.CANCELLING, S.FAILED),
    (S.CANCELLING, S.INTERRUPTED),
    (S.CANCELLED, S.QUEUED),
    (S.CANCELLED, S.STARTING),
    (S.FAILED, S.QUEUED),
    (S.FAILED, S.STARTING),
    (S.INTERRUPTED, S.QUEUED),
    (S.INTERRUPTED, S.STARTING),
}


@pytest.mark.parametrize(("state", "to"), sorted(ALLOWED))
def test_that_a_job_can_take_these_steps(state: JobState, to: JobState) -> None:
    assert move(state, to) is to


def test_that_jobs_that_ended_early_can_be_resumed() -> None:
    resumable = {state for state in S if state.can_be_resumed}
    assert resumable == {S.CANCELLED, S.FAILED, S.INTERRUPTED}


@pytest.mark.parametrize(
    ("state", "to"), sorted(set(itertools.product(JobState, repeat=2)) - ALLOWED)
)
def test_that_a_job_can_take_no_others(state: JobState, to: JobState) -> None:
    with pytest.raises(BugError, match=f"{state} cannot become {to}"):
        move(state, to)


def test_that_a_job_is_active_until_it_has_ended() -> None:
    active = {state for state in JobState if state.is_active}
    assert active == {S.QUEUED, S.STARTING, S.RUNNING, S.CANCELLING}


@pytest.mark.parametrize(("score", "is_judged"), [(0.0, True), (math.inf, True), (math.nan, False)])
def test_that_a_result_without_a_score_is_not_judged(score: float, is_judged: bool) -> None:
    result = ResultRecord("/a.png", None, "", score, "", 0.0, 0.0, "")
    assert result.is_judged is is_judged


def test_that_tags_are_the_words_between_commas_each_once() -> None:
    assert parse_tags(" best,line  2, ,best") == ("best", "line 2")


@given(st.text())
def test_that_tags_written_out_are_read_as_the_same(text: str) -> None:
    tags = parse_tags(text)
    assert parse_tags(", ".join(tags)) == tags
