"""The click network itself: what it takes, what it gives, its weights."""

import copy
import hashlib
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import Tensor

from inspector_app.domain.errors import MissingWeightsError
from training.models.click.card import CARD_FILE, WEIGHTS_FILE, ClickCard, has_click_weights
from training.models.click.config import ClickTraining
from training.models.click.learner import Clicking
from training.models.click.losses import (
    dice_loss,
    intersection_over_union,
)
from training.models.click.network import ADDED, Attention, ClickNetwork, fused
from training.models.click.prompts import (
    colour_likeness,
    connected_maps,
    disc_maps,
    normalised,
)
from training.models.click.weights import as_written, load_click_network, write_click_weights


@pytest.fixture(scope="module")
def network() -> ClickNetwork:
    torch.manual_seed(0)
    return ClickNetwork().eval()


def given(height: int = 64, width: int = 96) -> tuple[Tensor, Tensor, Tensor]:
    images = torch.rand(2, 3, height, width, generator=torch.Generator().manual_seed(0))
    clicks = torch.tensor([[[20.0, 30, 1], [0, 0, -1]], [[10, 10, 1], [50, 40, 0]]])
    return images, clicks, torch.zeros(2, 1, height, width)


@pytest.mark.parametrize(("height", "width"), [(32, 32), (64, 96), (256, 32)])
def test_that_any_sides_of_32_are_taken(network: ClickNetwork, height: int, width: int) -> None:
    logits, judged = network(*given(height, width))
    assert logits.shape == (2, 1, height, width)
    assert judged.shape == (2,)


@torch.no_grad()
def test_that_a_click_that_is_none_changes_nothing(network: ClickNetwork) -> None:
    images, clicks, earlier = given()
    more = torch.cat((clicks, torch.tensor([[[5.0, 5, -1]]] * 2)), 1)
    torch.testing.assert_close(network(images, clicks, earlier), network(images, more, earlier))


@torch.no_grad()
def test_that_brightness_and_contrast_of_a_picture_hardly_matter() -> None:
    images = given()[0]
    torch.testing.assert_close(
        normalised(images), normalised(images * 0.5 + 0.2), atol=0.2, rtol=0.2
    )


def test_that_discs_lie_where_the_clicks_are() -> None:
    discs = disc_maps(given()[1], 64, 96)
    assert discs.shape == (2, 2, 32, 48)
    assert discs[0, 0, 15, 10] == 1
    assert discs[0, 1].sum() == 0
    assert discs[1, 1, 20, 25] == 1


def test_that_what_has_the_colour_of_a_click_is_likest() -> None:
    images = torch.zeros(1, 3, 32, 32)
    images[..., 16:] = 1
    likeness = colour_likeness(images, torch.tensor([[[4.0, 4, 1]]]))
    assert likeness[0, 0, 8, 2] == pytest.approx(1)
    assert likeness[0, 0, 8, 14] < 0.5
    assert likeness[0, 1].sum() == 0


def test_that_a_line_hangs_together_with_a_click_on_it() -> None:
    images = torch.full((1, 3, 64, 64), 0.3)
    images[..., 20:24, 4:60] = 0.9
    images[..., 40:44, 4:60] = 0.9
    clicks = torch.tensor([[[10.0, 22, 1], [10, 50, 0], [0, 0, -1]]])
    likeness = colour_likeness(images, clicks)
    connected = connected_maps(likeness, clicks)
    on_line, other_line, ground = (connected[0, 0, row, 27] for row in (10, 20, 25))
    assert on_line > other_line
    assert on_line > ground
    assert likeness[0, 0, 20, 27] == pytest.approx(float(likeness[0, 0, 10, 27]))
    assert connected[0, 1, 25, 27] == 1
    assert connected[0, 1, 10, 27] < 1


def test_that_nothing_hangs_together_with_no_click() -> None:
    clicks = torch.tensor([[[0.0, 0, -1]]])
    assert not connected_maps(torch.ones(1, 2, 8, 8), clicks).any()


def test_that_a_right_mask_costs_nothing_and_a_wrong_one_much() -> None:
    truth = torch.zeros(1, 1, 8, 8)
    truth[..., :4] = 1
    right = (truth * 2 - 1) * 20
    assert float(dice_loss(right, truth)) == pytest.approx(0, abs=1e-3)
    assert float(dice_loss(-right, truth)) > 0.5


def test_that_two_empty_masks_are_equal() -> None:
    nothing = torch.zeros(1, 1, 4, 4, dtype=torch.bool)
    assert float(intersection_over_union(nothing, nothing)) == 1


@torch.no_grad()
@pytest.mark.parametrize("is_first", [True, False])
def test_that_a_fused_network_answers_alike(network: ClickNetwork, is_first: bool) -> None:
    learned = copy.deepcopy(network).train()
    images, clicks, nothing = given()
    some = torch.rand(nothing.shape, generator=torch.Generator().manual_seed(1))
    for _ in range(3):
        learned(images, clicks, nothing)
        learned(images, clicks, some)
    looks = images, clicks, nothing if is_first else some
    ready, other = (fused(learned, is_first=kind) for kind in (is_first, not is_first))
    answer = learned.eval()(*looks)
    torch.testing.assert_close(ready(*looks), answer, atol=1e-3, rtol=1e-3)
    assert not torch.allclose(other(*looks)[0], answer[0], atol=1e-4)


def test_that_learning_lowers_the_loss() -> None:
    torch.manual_seed(0)
    network = ClickNetwork().train()
    images, clicks, earlier = given(64, 64)
    truth = torch.zeros(2, 1, 64, 64)
    truth[..., 20:40, 10:30] = 1
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    losses = []
    for _ in range(6):
        loss = dice_loss(network(images, clicks, earlier)[0], truth).mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]


def test_that_each_scene_is_clicked_where_its_mask_is_wrong() -> None:
    truth = torch.zeros(2, 32, 32, dtype=torch.bool)
    truth[:, 8:20, 8:20] = True
    start = truth.clone()
    start[1] = False
    session = Clicking((torch.zeros(2, 3, 32, 32, dtype=torch.uint8), truth, start))
    session.click(np.random.default_rng(0))
    clicks = session.shown[1]
    assert clicks[:, 0, 2].tolist() == [-1, 1]
    session.show((truth[:, None].float() - 0.5) * 9)
    session.click(None)
    assert session.shown[1].shape == (2, 1, 3)


def test_that_weights_come_back_as_they_were(network: ClickNetwork, tmp_path: Path) -> None:
    write_click_weights(tmp_path, network, ClickTraining(), epochs=1, figures={"iou_1": 0.5})
    assert has_click_weights(tmp_path)
    again = load_click_network(tmp_path)
    with torch.no_grad():
        torch.testing.assert_close(again(*given()), network(*given()), atol=0.02, rtol=0.02)


def test_that_weights_fit_into_ten_megabytes(network: ClickNetwork, tmp_path: Path) -> None:
    write_click_weights(tmp_path, network, ClickTraining(), epochs=1, figures={})
    assert (tmp_path / WEIGHTS_FILE).stat().st_size < 10_000_000


@torch.no_grad()
def test_that_attention_that_has_learned_nothing_yet_changes_nothing() -> None:
    features = torch.rand(2, 96, 5, 7, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(Attention(96)(features), features)


def test_that_attention_carries_over_from_one_corner_to_the_other() -> None:
    torch.manual_seed(0)
    attention = Attention(96)
    for last in (attention.gather, attention.think[-1]):
        torch.nn.init.normal_(last.weight)  # type: ignore[arg-type]
    features = torch.rand(1, 96, 8, 8, requires_grad=True)
    attention(features)[0, :, 0, 0].sum().backward()
    assert features.grad is not None
    assert float(features.grad[0, :, 7, 7].abs().sum()) > 0


def earlier_weights(
    of: ClickNetwork, lacking: tuple[str, ...], unseen: dict[str, int]
) -> dict[str, Tensor]:
    """Return the weights without some, and without those of what was not shown: it comes last."""
    state = of.state_dict()
    kept = {name: one for name, one in state.items() if not any(part in name for part in lacking)}
    return kept | {name: kept[name][:, :-count].contiguous() for name, count in unseen.items()}


@torch.no_grad()
def test_that_weights_from_before_novelty_was_shown_give_what_they_gave(
    network: ClickNetwork, tmp_path: Path
) -> None:
    write_click_weights(tmp_path, network, ClickTraining(), epochs=1, figures={})
    rewritten(tmp_path, earlier_weights(network, ("rarity.",), {"liken.0.weight": 2}))
    blind = copy.deepcopy(network)
    blind.liken[0].weight[:, -2:] = 0  # type: ignore[index, operator]
    torch.testing.assert_close(load_click_network(tmp_path)(*given()), blind(*given()))


def test_that_weights_from_before_attention_give_what_they_gave(
    network: ClickNetwork, tmp_path: Path
) -> None:
    unseen = {"shown.0.weight": 2, "liken.0.weight": 4}
    lacking = *ADDED, ".first_"

    write_click_weights(tmp_path, network, ClickTraining(), epochs=1, figures={})
    rewritten(tmp_path, earlier_weights(network, lacking, unseen))
    grown = load_click_network(tmp_path, seed=1)
    assert not dict(grown.named_modules())["attention.3.0"].gather.weight.any()  # type: ignore[union-attr, operator]
    again = earlier_weights(grown, lacking, unseen)
    for name, tensor in earlier_weights(network, lacking, unseen).items():
        torch.testing.assert_close(again[name], tensor)
    assert not any(grown.state_dict()[name][:, -count:].any() for name, count in unseen.items())
    assert torch.equal(grown.stem[1].first_var, grown.stem[1].running_var)
    begun = "attention.3.0.compare.weight"
    same, other = (load_click_network(tmp_path, seed=seed).state_dict()[begun] for seed in (1, 2))
    torch.testing.assert_close(grown.state_dict()[begun], same)
    assert not torch.equal(grown.state_dict()[begun], other)


def rewritten(folder: Path, tensors: dict[str, Tensor]) -> None:
    """Put other tensors into a folder of weights, as an earlier version might have."""
    data = safetensors.torch.save(tensors)
    card = ClickCard.model_validate_json((folder / CARD_FILE).read_bytes())
    (folder / WEIGHTS_FILE).write_bytes(data)
    other = card.model_copy(update={"weights_sha256": hashlib.sha256(data).hexdigest()})
    (folder / CARD_FILE).write_text(other.model_dump_json())


def test_that_a_variance_beyond_half_precision_comes_back(
    network: ClickNetwork, tmp_path: Path
) -> None:
    varied = copy.deepcopy(network)
    varied.stem[1].running_var[0] = 1e6  # type: ignore[union-attr, index, operator]
    write_click_weights(tmp_path, varied, ClickTraining(), epochs=1, figures={})
    again = load_click_network(tmp_path)
    assert again.state_dict()["stem.1.running_var"][0] == 1e6
    written = as_written(varied).state_dict()
    assert all(torch.equal(one, written[name]) for name, one in again.state_dict().items())


def test_that_a_variance_that_did_not_fit_is_taken_for_the_largest(
    network: ClickNetwork, tmp_path: Path
) -> None:
    write_click_weights(tmp_path, network, ClickTraining(), epochs=1, figures={})
    tensors = {name: one.clone() for name, one in network.state_dict().items()}
    tensors["stem.1.running_var"][0] = torch.inf
    rewritten(tmp_path, tensors)
    assert load_click_network(tmp_path).state_dict()["stem.1.running_var"][0] == 65504


@pytest.mark.parametrize("file", [WEIGHTS_FILE, CARD_FILE])
def test_that_a_damaged_file_is_refused(network: ClickNetwork, tmp_path: Path, file: str) -> None:
    write_click_weights(tmp_path, network, ClickTraining(), epochs=1, figures={})
    (tmp_path / file).write_bytes(b"{}")
    with pytest.raises(MissingWeightsError):
        load_click_network(tmp_path)


def test_that_absent_weights_are_named(tmp_path: Path) -> None:
    assert not has_click_weights(tmp_path)
    with pytest.raises(MissingWeightsError, match=CARD_FILE):
        load_click_network(tmp_path)
