"""The yardstick: a stateless echo on python-telegram-bot's own Application and webhook queue.

It acknowledges before it handles and keeps nothing, as its examples do.
"""

import asyncio
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters


async def echo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    if update.message is not None and update.message.text is not None:
        await update.message.reply_text(update.message.text)


async def main(api: str, port: int) -> None:
    application = (
        Application.builder()
        .token("1:bench")
        .base_url(f"{api}/bot")
        .updater(None)
        .connection_pool_size(256)
        .build()
    )
    application.add_handler(MessageHandler(filters.TEXT, echo))

    async def receive(request: Request) -> Response:
        update = Update.de_json(await request.json(), application.bot)
        await application.update_queue.put(update)
        return Response()

    web = Starlette(routes=[Route("/telegram", receive, methods=["POST"])])
    config = uvicorn.Config(web, port=port, log_level="warning", access_log=False)
    async with application:
        await application.start()
        await uvicorn.Server(config).serve()
        await application.stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
