"""The suites' own assertions are shown in full when they fail."""

import pytest

pytest.register_assert_rewrite("haidang.core.testing.conformance")
