"""What is said beside any conversation, at once and not through the queue: no row can hold a reply
to a chat that is nobody's, and nothing is kept about it."""

import structlog
from telegram import Bot, BotCommandScopeChat
from telegram.constants import ParseMode
from telegram.error import TelegramError

from bot.channels.telegram.desk import menu_of_the_desk
from bot.channels.telegram.speaking import extras, html, keyboard
from bot.helplines import help_lines
from flows.conversation import is_typed
from flows.exchange import Command, CommandName, Message, Paragraph, Tap, Words
from flows.schema import Audience
from flows.speech import ANYWHERE
from flows.wording import Wording

_log = structlog.get_logger(__name__)


class Aside:
    """Says it. Whatever Telegram answers, nothing is raised."""

    def __init__(self, bot: Bot, wording: Wording) -> None:
        self._bot = bot
        self._wording = wording

    def spoken(self, language: str) -> str:
        """The language that we say it in, for an app's or a person's own."""
        base = language.partition("-")[0]
        return base if self._wording.speaks(base) else "en"

    def saying(self, phrase: str, language: str) -> Message:
        """One phrase as a message."""
        spoken = self.spoken(language)
        text = self._wording.say(phrase, Audience.ADULT, spoken)
        return Message(paragraphs=(Paragraph(text=text),), language=spoken)

    async def say(self, chat: int, phrase: str, language: str) -> None:
        await self._send(chat, self.saying(phrase, language))

    async def help(self, chat: int, language: str) -> None:
        """Whom to call, in all nations: nobody knows where this chat is."""
        spoken = self.spoken(language)
        said = [self._wording.say("help_card", Audience.ADULT, spoken)]
        said += help_lines("", Audience.ADULT, spoken)
        said.append(self._wording.say("help_none", Audience.ADULT, spoken))
        paragraphs = tuple(Paragraph(text=one) for one in said)
        await self._send(chat, Message(paragraphs=paragraphs, language=spoken))

    async def give_menu(self, chat: int, language: str) -> None:
        """A coordinator's own commands, in the place of the families', which are none of theirs."""
        menu = menu_of_the_desk(self._wording, self.spoken(language))
        try:
            await self._bot.set_my_commands(menu, scope=BotCommandScopeChat(chat))
        except TelegramError as error:
            _log.debug("menu_not_set", error=type(error).__name__)

    def asks_for_help(self, what: object, language: str) -> bool:
        """Whether help was asked for, by tapping or by writing."""
        match what:
            case Command(name=CommandName.HELP):
                return True
            case Tap(state=state, choice="help"):
                return state == ANYWHERE
            case Words(text=text):
                return is_typed(text, "help", self._wording, Audience.ADULT, self.spoken(language))
        return False

    async def _send(self, chat: int, message: Message) -> None:
        try:
            await self._bot.send_message(
                chat,
                html(message),
                parse_mode=ParseMode.HTML,
                api_kwargs=extras(keyboard(message, self._wording)),
            )
        except TelegramError as error:
            _log.warning("stranger_not_answered", error=type(error).__name__)
