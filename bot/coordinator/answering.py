"""One way to answer with a page, for all of them."""

from typing import Any

from starlette.responses import HTMLResponse, Response

from bot.coordinator.desk import FORM_COOKIE, Desk, Visit


def page(
    desk: Desk,
    visit: Visit,
    template: str,
    status: int = 200,
    **context: Any,  # noqa: ANN401 - each template's own
) -> Response:
    """A page in the visitor's language, with its form token; never kept by a browser or proxy."""
    context |= {
        "who": visit.who,
        "form_token": visit.form_token,
        "refused": status == 400,
        "back_here": _back_here(visit) if status == 200 else "",
    }
    body = desk.views.render(template, visit.language, **context)
    response = HTMLResponse(body, status_code=status, headers={"Cache-Control": "no-store"})
    if visit.who is None and visit.request.cookies.get(FORM_COOKIE) != visit.form_secret:
        desk.give_cookie(response, FORM_COOKIE, visit.form_secret)
    return response


def _back_here(visit: Visit) -> str:
    """Where this page is found again in another language. Empty for what a form has brought: it
    may stand there once, as a new link does."""
    url = visit.request.url
    if visit.request.method != "GET":
        return ""
    return f"{url.path}?{url.query}" if url.query else url.path


def not_found(desk: Desk, visit: Visit) -> Response:
    """The one page for what is not there and for what is somebody else's (promise P23)."""
    return page(desk, visit, "not_found.html", 404)
