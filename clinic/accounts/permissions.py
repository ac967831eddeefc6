"""Know who has signed in; let in whoever holds a right, and ask the others to sign in. Who holds which: `rights`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from clinic.accounts.models import User
from clinic.accounts.rights import NOT_BY_PIN, Right, may
from clinic.accounts.signing_in.proofs import require_more_than_pin
from clinic.core.web import press_again

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
ONLY_LOOKS = frozenset({"GET", "HEAD"})


def account_of(request: HttpRequest) -> User | None:
    """The account that is signed in; None where nobody is."""
    return request.user if isinstance(request.user, User) else None


def user_of(request: HttpRequest) -> User:
    """The account that is signed in, behind a guard such as `needs` or `login_required`."""
    return cast("User", request.user)


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Lead to the sign-in page; where a form was sent after the session had ended, give it back with what was typed."""
    if press_again.typed_in(request):
        return press_again.page(request, is_signed_out=True)
    return redirect_to_login(request.get_full_path())


def needs(right: Right, *, to_change: Right | None = None) -> Callable[[View[P]], View[P]]:
    """Let in who holds `right`; ask others to sign in, or refuse them (403).

    Whoever opened a shared tablet by PIN is asked for more where the right is one of `NOT_BY_PIN`, and goes on then.
    The view is marked with it (`view.right`): a view of ours without a mark fails the tests.

    Args:
        to_change: the right that it takes to send a form there, if another one.
    """
    changing = to_change or right

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return ask_to_sign_in(request)
            asked = right if request.method in ONLY_LOOKS else changing
            if not may(request.user, asked):
                raise PermissionDenied
            if asked in NOT_BY_PIN:
                require_more_than_pin(request)
            return view(request, *args, **kwargs)

        guarded.right = right  # type: ignore[attr-defined]
        guarded.right_to_change = changing  # type: ignore[attr-defined]
        return guarded

    return guard
