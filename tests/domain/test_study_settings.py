"""Which settings studies and sweeps try, and which trainings they end early."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain.pruning import EARLIEST_EPOCH, lags_behind
from inspector_app.domain.search_space import Range, draws, grid
from inspector_app.domain.study_templates import TEMPLATES, sweep

GOOD = [[1.0] * 10] * 3


def test_that_a_grid_has_every_combination() -> None:
    assert grid({"a": [1, 2], "b": ["x"]}) == [{"a": 1, "b": "x"}, {"a": 2, "b": "x"}]


def test_that_an_enormous_grid_is_refused() -> None:
    with pytest.raises(ValueError, match="1331"):
        grid({name: list(range(11)) for name in "abc"})


@given(st.floats(1e-6, 1e3), st.floats(1.0, 1e4), st.integers(0, 1000))
def test_that_draws_stay_in_their_range(low: float, factor: float, seed: int) -> None:
    drawn = Range(low, low * factor).draw(random.Random(seed))
    # Three digits are kept.
    assert low * 0.995 <= drawn <= low * factor * 1.005


@given(st.integers(0, 1000))
def test_that_draws_are_multiples_of_their_step(seed: int) -> None:
    drawn = draws({"image_size_px": Range(40, 250, step=32)}, 1, seed=seed)[0]["image_size_px"]
    assert isinstance(drawn, int)
    assert drawn % 32 == 0
    assert 64 <= drawn <= 224


def test_that_steps_may_be_fractions() -> None:
    assert 0.0 <= draws({"x": Range(0.0, 1.0, step=0.25)}, 1, seed=3)[0]["x"] <= 1.0


def test_that_wide_ranges_are_drawn_by_order_of_magnitude() -> None:
    rates = [each["rate"] for each in draws({"rate": Range(1e-5, 1e-1)}, 200, seed=0)]
    assert 60 < sum(rate < 1e-3 for rate in rates) < 140


def test_that_no_combination_is_drawn_twice() -> None:
    drawn = draws({"flips": [True, False], "network": ["a", "b"]}, 10, seed=1)
    assert sorted(map(str, drawn)) == sorted(
        map(str, grid({"flips": [True, False], "network": ["a", "b"]}))
    )


def test_that_the_same_seed_draws_the_same() -> None:
    space = {"rate": Range(1e-5, 1e-1), "network": ["a", "b"]}
    assert draws(space, 5, seed=4) == draws(space, 5, seed=4)
    assert draws(space, 5, seed=4) != draws(space, 5, seed=5)


def test_that_the_better_half_goes_on() -> None:
    assert not lags_behind([2.0, 1.0, 0.9, 0.8, 0.7], GOOD)


def test_that_what_is_above_the_median_lags_behind() -> None:
    assert lags_behind([2.0, 1.9, 1.8, 1.7, 1.6], GOOD)


def test_that_nothing_lags_behind_in_its_first_epochs() -> None:
    assert not lags_behind([9.0] * (EARLIEST_EPOCH - 1), GOOD)


def test_that_shorter_trainings_have_no_say() -> None:
    assert not lags_behind([9.0] * 6, [[1.0] * 5] * 9)


def test_that_a_training_without_an_epoch_does_not_lag() -> None:
    assert not lags_behind([], GOOD)


@pytest.mark.parametrize("key", sorted(TEMPLATES))
def test_that_every_template_makes_different_trainings(key: str) -> None:
    plan = TEMPLATES[key].plan()
    made = [str(sorted(trial.settings.items())) for trial in plan.trials]
    assert len(set(made)) == len(made) >= 2


def test_that_folds_test_each_part_once() -> None:
    plan = TEMPLATES["imbalance"].plan(repeats=4, shared={"epochs": 3})
    folds = [trial.settings["fold"] for trial in plan.trials if trial.variant == 1]
    assert folds == [0, 1, 2, 3]
    assert all(trial.settings["epochs"] == 3 for trial in plan.trials)


def test_that_one_repeat_is_the_usual_split() -> None:
    assert "folds" not in TEMPLATES["imbalance"].plan(repeats=1).trials[0].settings


def test_that_a_variant_has_its_way_over_shared_settings() -> None:
    plan = TEMPLATES["size-epochs-rate"].plan(shared={"epochs": 1})
    assert {trial.settings["epochs"] for trial in plan.trials} == {10, 30}


def test_that_a_sweep_repeats_with_other_seeds() -> None:
    plan = sweep("unet", [{"loss": "dice"}], repeats=2, shared={"epochs": 2})
    assert [trial.settings["seed"] for trial in plan.trials] == [0, 1]
    assert plan.variants[0].name == "loss dice"


def test_that_a_sweep_without_repeats_keeps_the_seed() -> None:
    assert sweep("unet", [{"loss": "dice"}]).repeats == ({},)
