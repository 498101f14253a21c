"""The older, documented name of `fakekit.intercept.redirect.redirect_calls`, for those who use it already."""

from fakekit.intercept.redirect import redirect_calls as leading

__all__ = ["leading"]
