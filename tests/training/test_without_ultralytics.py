import sys

import pytest

from inspector_app.domain.errors import MissingWeightsError
from training.segmenters.mobile_sam import build_mobile_sam


def test_that_an_installation_without_ultralytics_says_so_and_can_use_another_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "ultralytics"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ultralytics", None)
    with pytest.raises(MissingWeightsError, match="needs ultralytics"):
        build_mobile_sam({})
