"""How many cases the property tests make up, by HYPOTHESIS_PROFILE: `lean`, the default, 300 each; `ci` 1,500; `many`
15,000, each time others. Those of `tests/contract/test_files.py` alone are 2,100, 10,500 and 105,000 files.
"""

import os

from hypothesis import HealthCheck, settings

for name, count in (("lean", 300), ("ci", 1500), ("many", 15_000)):
    # No deadline: the machine may have other work.
    settings.register_profile(
        name,
        max_examples=count,
        deadline=None,
        derandomize=name != "many",
        suppress_health_check=list(HealthCheck),
    )
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "lean"))
