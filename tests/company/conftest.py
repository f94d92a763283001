"""Laws are checked without a clock: other work on the machine must not fail them."""

from hypothesis import settings

settings.register_profile("company", deadline=None)
settings.load_profile("company")
