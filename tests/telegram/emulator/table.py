"""Which methods this Bot API has, by name. Any other is "method not found"."""

from collections.abc import Callable

from tests.telegram.emulator import methods, profile
from tests.telegram.emulator.wire import Params
from tests.telegram.emulator.world import World

Method = Callable[[World, Params], object]


def _set_webhook(world: World, params: Params) -> object:
    world.webhook.set(params)
    return True


def _delete_webhook(world: World, params: Params) -> object:
    world.webhook.remove(params)
    return True


METHODS: dict[str, Method] = {
    "getMe": methods.get_me,
    "setWebhook": _set_webhook,
    "deleteWebhook": _delete_webhook,
    "getWebhookInfo": lambda world, params: world.webhook.info(),
    "sendMessage": methods.send_message,
    "sendPhoto": methods.send_photo,
    "sendDocument": methods.send_document,
    "sendVoice": methods.send_voice,
    "sendChatAction": methods.send_chat_action,
    "editMessageText": methods.edit_message_text,
    "editMessageReplyMarkup": methods.edit_message_reply_markup,
    "deleteMessage": methods.delete_message,
    "deleteMessages": methods.delete_messages,
    "answerCallbackQuery": methods.answer_callback_query,
    "getFile": methods.get_file,
    "getChat": methods.get_chat,
    "setMyCommands": profile.set_my_commands,
    "getMyCommands": profile.get_my_commands,
    "deleteMyCommands": profile.delete_my_commands,
    "setMyName": profile.setter("name", 64),
    "getMyName": profile.getter("name"),
    "setMyDescription": profile.setter("description", 512),
    "getMyDescription": profile.getter("description"),
    "setMyShortDescription": profile.setter("short_description", 120),
    "getMyShortDescription": profile.getter("short_description"),
    "setChatMenuButton": profile.set_chat_menu_button,
}
# Method names are not case-sensitive.
NAMES = {name.lower(): name for name in (*METHODS, "getUpdates")}
