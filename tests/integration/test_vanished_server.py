"""A database server whose machine is gone without a word, while a statement waits for its answer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="needs root, for a network of its own"),
]


def test_it_is_noticed_before_a_lease_is_over() -> None:
    alone = [shutil.which("unshare") or "", "--net", sys.executable, "-m", "tests.integration.vanishing"]
    ran = subprocess.run(alone, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    assert 5 < float(ran.stdout) < 30
