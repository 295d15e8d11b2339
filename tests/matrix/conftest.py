"""The matrix's own modules assert for its tests: what they compared is shown when it is wrong."""

from __future__ import annotations

import pytest

for name in ("course", "family", "peril", "together"):
    pytest.register_assert_rewrite(f"tests.matrix.{name}")


@pytest.fixture(scope="module")
def wanted(request: pytest.FixtureRequest) -> set[str]:
    """The cases of the matrix that this run was asked for (``-k birth_to_three-es``): nobody else is played."""
    return {item.callspec.params["case"] for item in request.session.items
            if hasattr(item, "callspec") and "case" in item.callspec.params}
