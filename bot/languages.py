"""Which language a browser wishes for, while nobody knows yet who holds it."""

from starlette.requests import Request

from flows.wording import SOURCE_LANGUAGE, Wording


def browsers_language(wording: Wording, request: Request) -> str:
    """The first that the browser wishes for and that we speak."""
    for wish in request.headers.get("accept-language", "").split(","):
        code = wish.partition(";")[0].strip().partition("-")[0].lower()
        if code and wording.speaks(code):
            return code
    return SOURCE_LANGUAGE
