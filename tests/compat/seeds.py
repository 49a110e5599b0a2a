"""A test for each seed of TORC_COMPAT_SEEDS ("1 2 3"): a comparison says what it does with one, here it is named."""

import os

SEEDS = [int(seed) for seed in os.environ.get("TORC_COMPAT_SEEDS", "1 2 3").split()]


def add_tests(case: type) -> None:
    """case.compare(seed) becomes test_seed_1, test_seed_2 ..."""
    for seed in SEEDS:
        setattr(case, f"test_seed_{seed}", lambda self, seed=seed: self.compare(seed))
