"""The methods that send, change and take away what a chat shows.

Source: Bot API, "Available methods" and "Updating messages". Limits and refusals are Telegram's
own; what the bot says about itself is in `profile.py`."""

from dataclasses import replace
from datetime import timedelta

from tests.telegram.emulator.chats import BOT, Chat, Message, Popup
from tests.telegram.emulator.formatted import Formatted, units
from tests.telegram.emulator.markup import Markup, read_markup
from tests.telegram.emulator.text import caption, message_text
from tests.telegram.emulator.wire import JsonObject, Params, Refused, Upload, bad
from tests.telegram.emulator.world import World

DELETABLE = timedelta(hours=48)  # deleteMessage
DELETED_AT_ONCE = 100  # deleteMessages
POPUP_LIMIT = 200  # answerCallbackQuery
DOWNLOAD_LIMIT_BYTES = 20 * 1024 * 1024  # getFile
PHOTO_LIMIT_BYTES = 10 * 1024 * 1024  # "Sending files"
_MIMES = {"photo": "image/jpeg", "voice": "audio/ogg"}
_ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}


def get_me(world: World, params: Params) -> object:
    return {
        **BOT,
        "can_join_groups": False,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def send_message(world: World, params: Params) -> object:
    chat = world.open_chat(params)
    shown = message_text(params)
    return _sent(world, chat, params, shown, "text", None)


def send_photo(world: World, params: Params) -> object:
    return _send_file(world, params, "photo")


def send_document(world: World, params: Params) -> object:
    return _send_file(world, params, "document")


def send_voice(world: World, params: Params) -> object:
    return _send_file(world, params, "voice")


def edit_message_text(world: World, params: Params) -> object:
    chat = world.open_chat(params)
    old = _editable(chat, params)
    if old.kind != "text":
        raise bad("there is no text in the message to edit")
    shown = message_text(params)
    new = replace(
        old,
        text=shown.text,
        entities=shown.entities,
        markup=_inline_only(params),
        link_preview=params.mapping("link_preview_options"),
    )
    return _edited(world, chat, old, new)


def edit_message_reply_markup(world: World, params: Params) -> object:
    chat = world.open_chat(params)
    old = _editable(chat, params)
    return _edited(world, chat, old, replace(old, markup=_inline_only(params)))


def delete_message(world: World, params: Params) -> object:
    chat = world.chat(params)
    message = chat.messages.get(params.number("message_id"))
    if message is None:
        raise bad("message to delete not found")
    _deletable(world, message)
    chat.remove(message.id)
    return True


def delete_messages(world: World, params: Params) -> object:
    """Those that are not there are passed over; one too old refuses them all."""
    chat = world.chat(params)
    ids = params.items("message_ids")
    if not ids or not all(isinstance(one, int) for one in ids):
        raise bad("message identifiers are not specified")
    if len(ids) > DELETED_AT_ONCE:
        raise bad("too many message identifiers specified")
    there = [chat.messages[one] for one in ids if isinstance(one, int) and one in chat.messages]
    for message in there:
        _deletable(world, message)
    for message in there:
        chat.remove(message.id)
    return True


def answer_callback_query(world: World, params: Params) -> object:
    tap = world.taps.get(params.words("callback_query_id"))
    age_s = (world.now() - tap.at).total_seconds() if tap is not None else 0
    if tap is None or tap.answered or age_s > world.query_lives_s:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    text = params.words("text")
    if units(text) > POPUP_LIMIT:
        raise bad("MESSAGE_TOO_LONG")
    tap.answered = True
    if text:
        world.chats[tap.chat_id].show(Popup(text, params.flag("show_alert")))
    return True


def send_chat_action(world: World, params: Params) -> object:
    world.open_chat(params)
    if params.words("action") not in _ACTIONS:
        raise bad("wrong parameter action in request")
    return True


def get_file(world: World, params: Params) -> object:
    kept = world.files.by_id.get(params.words("file_id").removesuffix("-small"))
    if kept is None:
        raise bad("invalid file_id")
    if kept.size > DOWNLOAD_LIMIT_BYTES:
        raise bad("file is too big")
    return {**kept.json(), "file_path": kept.path}


def get_chat(world: World, params: Params) -> object:
    """ChatFullInfo, with the fields that are never left out."""
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription")
    return {
        **world.chat(params).json(),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys((*gifts, "gifts_from_channels"), True),
    }


def _sent(
    world: World, chat: Chat, params: Params, shown: Formatted, kind: str, media: object
) -> JsonObject:
    message = chat.add(
        Message(
            id=0,
            chat_id=chat.id,
            from_bot=True,
            date=world.now(),
            kind=kind,
            text=shown.text,
            entities=shown.entities,
            markup=read_markup(params.mapping("reply_markup")),
            protect_content=params.flag("protect_content"),
            silent=params.flag("disable_notification"),
            link_preview=params.mapping("link_preview_options"),
            reply_to=_reply_to(chat, params),
            media=media,
        )
    )
    return chat.message_json(message)


def _reply_to(chat: Chat, params: Params) -> int | None:
    """Bot API, "ReplyParameters"."""
    given = params.mapping("reply_parameters")
    if given is None:
        return None
    message_id = given.get("message_id")
    if isinstance(message_id, int) and message_id in chat.messages:
        return message_id
    if given.get("allow_sending_without_reply") is True:
        return None
    raise bad("message to be replied not found")


def _send_file(world: World, params: Params, kind: str) -> object:
    chat = world.open_chat(params)
    shown = caption(params)
    read_markup(params.mapping("reply_markup"))
    upload = _upload(params, kind)
    if upload is None:
        kept = world.files.by_id.get(params.words(kind).removesuffix("-small"))
        if kept is None:
            raise bad("wrong file identifier/HTTP URL specified")
        if kept.kind != kind:
            raise bad(f"type of file mismatch: it is a {kept.kind}")
        media = world.files.media(kept, "file", _MIMES.get(kind, "application/octet-stream"))
    else:
        if not upload.data:
            raise bad("file must be non-empty")
        if kind == "photo" and len(upload.data) > PHOTO_LIMIT_BYTES:
            raise Refused(413, "Request Entity Too Large")
        kept = world.files.keep(kind, upload.name, upload.data)
        media = world.files.media(kept, upload.name, upload.mime)
    return _sent(world, chat, params, shown, kind, media)


def _upload(params: Params, kind: str) -> Upload | None:
    """The file itself or one that `attach://` names (Bot API, "InputFile")."""
    named = params.words(kind)
    if named.startswith("attach://"):
        return params.uploads.get(named.removeprefix("attach://"))
    upload = params.uploads.get(kind)
    if upload is None and not named:
        raise bad(f"there is no {kind} in the request")
    return upload


def _editable(chat: Chat, params: Params) -> Message:
    message = chat.messages.get(params.number("message_id"))
    if message is None:
        raise bad("message to edit not found")
    if not message.from_bot:
        raise bad("message can't be edited")
    return message


def _inline_only(params: Params) -> Markup | None:
    markup = read_markup(params.mapping("reply_markup"))
    if markup is not None and markup.kind != "inline_keyboard":
        raise bad("inline keyboard expected")
    return markup


def _edited(world: World, chat: Chat, old: Message, new: Message) -> object:
    if new.same_content(old):
        raise bad(
            "message is not modified: specified new message content and reply markup are "
            "exactly the same as a current content and reply markup of the message"
        )
    return chat.message_json(chat.put(replace(new, edited=world.now())))


def _deletable(world: World, message: Message) -> None:
    if world.now() - message.date >= DELETABLE:
        raise bad("message can't be deleted for everyone")
