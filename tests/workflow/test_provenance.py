"""Every file of a run is vouched for by exactly one record, that of the job which declares it."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow


def test_the_records_of_a_run_name_all_files_of_their_jobs_and_no_others(built_once, check_records):
    assert check_records(built_once, ("small.yaml",)) > 20
