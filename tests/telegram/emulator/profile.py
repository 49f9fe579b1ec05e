"""What a bot says about itself: commands, name, descriptions and the menu button.

Source: Bot API, "setMyCommands", "BotCommandScope", "setMyName", "setMyDescription",
"setMyShortDescription", "setChatMenuButton"."""

import json
import re
from collections.abc import Callable

from tests.telegram.emulator.formatted import units
from tests.telegram.emulator.wire import JsonObject, Params, bad
from tests.telegram.emulator.world import World

COMMANDS_LIMIT = 100
COMMAND_DESCRIPTION_LIMIT = 256
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"([a-z]{2})?")
_SCOPES = {
    "default",
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
    "chat",
    "chat_administrators",
    "chat_member",
}
_MENUS = {"default", "commands", "web_app"}


def set_my_commands(world: World, params: Params) -> object:
    commands = params.items("commands")
    if commands is None:
        raise bad("can't parse bot commands JSON object")
    if len(commands) > COMMANDS_LIMIT:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for one in commands:
        name = one.get("command") if isinstance(one, dict) else None
        description = one.get("description") if isinstance(one, dict) else None
        if not isinstance(name, str) or not _COMMAND.fullmatch(name.removeprefix("/")):
            raise bad("BOT_COMMAND_INVALID")
        if not isinstance(description, str) or not description.strip():
            raise bad("command description must be non-empty")
        if units(description) > COMMAND_DESCRIPTION_LIMIT:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    world.profile.commands[_place(world, params)] = commands
    return True


def get_my_commands(world: World, params: Params) -> object:
    return world.profile.commands.get(_place(world, params), [])


def delete_my_commands(world: World, params: Params) -> object:
    world.profile.commands.pop(_place(world, params), None)
    return True


def set_chat_menu_button(world: World, params: Params) -> object:
    chat = world.chat(params) if params.values.get("chat_id") is not None else None
    button: JsonObject = params.mapping("menu_button") or {"type": "default"}
    if button.get("type") not in _MENUS:
        raise bad("can't parse menu button: unsupported type specified")
    world.profile.menus[chat.id if chat is not None else None] = button
    return True


def setter(field: str, limit: int) -> Callable[[World, Params], object]:
    """A method that keeps one text in one language, up to so many characters."""

    def keep(world: World, params: Params) -> object:
        text = params.words(field)
        if units(text) > limit:
            raise bad(f"bot {field.replace('_', ' ')} is too long")
        world.profile.texts[field, _language(params)] = text
        return True

    return keep


def getter(field: str) -> Callable[[World, Params], object]:
    """A method that gives it back; the text without a language stands in for a missing one."""

    def give(world: World, params: Params) -> object:
        texts = world.profile.texts
        return {field: texts.get((field, _language(params)), texts.get((field, ""), ""))}

    return give


def _place(world: World, params: Params) -> tuple[str, str]:
    scope: JsonObject = params.mapping("scope") or {"type": "default"}
    if scope.get("type") not in _SCOPES:
        raise bad("can't parse BotCommandScope: unsupported type specified")
    if str(scope["type"]).startswith("chat"):
        chat_id = scope.get("chat_id")
        chat = world.chats.get(int(chat_id)) if isinstance(chat_id, int | str) else None
        if chat is None or not chat.started:
            raise bad("chat not found")
    return json.dumps(scope, sort_keys=True), _language(params)


def _language(params: Params) -> str:
    """A two-letter ISO 639-1 code, or nothing."""
    language = params.words("language_code")
    if not _LANGUAGE.fullmatch(language):
        raise bad("invalid language code specified")
    return language
