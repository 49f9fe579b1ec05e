"""Whole updates a second through Telegram's webhook, beside a stateless echo in the same run.

    uv run python -m tests.bench.updates [--database postgresql://…] [--people 200] [--updates 6000]

A bare Bot API on loopback plays many people at once. Each person answers as soon as our message
has come, so the figures are of closed loops: updates a second, and the time from an update to its
reply (p50, p99). Figures are for reading, never asserted.
"""

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from functools import partial
from pathlib import Path

from bot.clock import system_clock
from bot.store.database import Database
from bot.store.sealing import ServiceKey
from bot.store.upgrade import upgrade
from tests.bench.people import meeting_of

SECRET = "bench-secret"  # noqa: S105 - on loopback, for a minute


class BotApi(asyncio.Protocol):
    """Just enough of HTTP and of the Bot API to take a bot's calls quickly."""

    def __init__(self, crowd: "Crowd") -> None:
        self._crowd = crowd
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            length = 0
            for line in head.split(b"\r\n")[1:]:
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if len(self._buffer) < end + 4 + length:
                return
            body = self._buffer[end + 4 : end + 4 + length]
            self._buffer = self._buffer[end + 4 + length :]
            method = head.split(b" ", 2)[1].rsplit(b"/", 1)[1].decode()
            answer = json.dumps({"ok": True, "result": self._crowd.called(method, body)}).encode()
            assert self._transport is not None
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                % (len(answer), answer)
            )


class Crowd:
    """Many people, each of whom answers when something was said to them."""

    def __init__(self, people: dict[int, str], updates: int, port: int) -> None:
        self._people = people
        self._left = updates
        self._port = port
        self._message = 0
        self._update = 0
        self._asked_at: dict[int, float] = {}
        self._outbox: asyncio.Queue[bytes] = asyncio.Queue()
        self.latencies_ms: list[float] = []
        self.registered = asyncio.Event()
        self.done = asyncio.Event()
        self.began = self.ended = 0.0

    def called(self, method: str, body: bytes) -> object:
        method = method.lower()
        if method == "getme":
            return {"id": 1, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
        if method == "setwebhook":
            self.registered.set()
        if method not in ("sendmessage", "editmessagetext"):
            return True
        fields = {k: v[0] for k, v in urllib.parse.parse_qs(body.decode()).items()}
        chat = int(fields["chat_id"])
        self._message += 1
        self._heard(chat, fields.get("reply_markup", ""))
        return {"message_id": self._message, "date": 1, "chat": {"id": chat, "type": "private"}}

    def start(self) -> None:
        self.began = time.perf_counter()
        for chat, opening in self._people.items():
            self._say(chat, opening)

    def _heard(self, chat: int, markup: str) -> None:
        asked = self._asked_at.pop(chat, None)
        if asked is None:
            return
        now = time.perf_counter()
        self.latencies_ms.append((now - asked) * 1000)
        if self._left <= 0:
            if not self._asked_at:
                self.ended = now
                self.done.set()
            return
        buttons = [b for row in json.loads(markup or "{}").get("inline_keyboard", []) for b in row]
        payloads = [button.get("callback_data", "") for button in buttons]
        chosen = self._choose(payloads)
        if chosen is None:
            self._say(chat, "she sleeps better now and we walk to school " * 2)
        else:
            self._tap(chat, chosen)

    def _choose(self, payloads: list[str]) -> str | None:
        """Taps its way on; types where only words are asked for; and round again at the end."""
        wanted = (
            "en",
            "go_on",
            "yes",
            "coordinator",
            "each",
            "6",
            "4",
            "done",
            "nobody",
            "come",
            "all",
            "not_sure",
            "look",
            "send",
            "change",
            "add",
        )
        by_choice = {payload.split(":")[1]: payload for payload in payloads if ":" in payload}
        if "skip" in by_choice and not {"yes", "6", "4", "nobody", "done", "come"} & set(by_choice):
            return None
        return next((by_choice[choice] for choice in wanted if choice in by_choice), None)

    def _say(self, chat: int, text: str) -> None:
        self._message += 1
        message: dict[str, object] = {
            "message_id": self._message,
            "date": int(time.time()),
            "chat": {"id": chat, "type": "private", "first_name": "P"},
            "from": {"id": chat, "is_bot": False, "first_name": "P", "language_code": "en"},
            "text": text,
        }
        if text.startswith("/"):
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": 6}]
        self._send(chat, {"message": message})

    def _tap(self, chat: int, payload: str) -> None:
        person = {"id": chat, "is_bot": False, "first_name": "P", "language_code": "en"}
        self._send(
            chat,
            {
                "callback_query": {
                    "id": str(self._update),
                    "from": person,
                    "chat_instance": "1",
                    "data": payload,
                    "message": {
                        "message_id": self._message,
                        "date": int(time.time()),
                        "chat": {"id": chat, "type": "private", "first_name": "P"},
                        "text": "…",
                    },
                }
            },
        )

    def _send(self, chat: int, update: dict[str, object]) -> None:
        self._left -= 1
        self._update += 1
        body = json.dumps({"update_id": self._update, **update}).encode()
        self._asked_at[chat] = time.perf_counter()
        self._outbox.put_nowait(
            b"POST /telegram HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
            b"X-Telegram-Bot-Api-Secret-Token: %s\r\nContent-Length: %d\r\n\r\n%s"
            % (SECRET.encode(), len(body), body)
        )

    async def post(self) -> None:
        """One of the connections on which updates go out, one at a time as Telegram has it."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        while True:
            writer.write(await self._outbox.get())
            head = await reader.readuntil(b"\r\n\r\n")
            status = head.split(b" ", 2)[1]
            if status != b"200":
                raise RuntimeError(f"the webhook answered {status.decode()}")
            for line in head.lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    await reader.readexactly(int(line.split(b":")[1]))


async def measure(
    name: str,
    command: list[str],
    environment: dict[str, str],
    people: dict[int, str],
    updates: int,
    api_port: int,
    port: int,
) -> float:
    loop = asyncio.get_running_loop()
    crowd = Crowd(people, updates, port)
    server = await loop.create_server(lambda: BotApi(crowd), "127.0.0.1", api_port)
    subject = subprocess.Popen(command, env=os.environ | environment)  # noqa: S603, ASYNC220
    try:
        await _until_open(port)
        if environment:
            await asyncio.wait_for(crowd.registered.wait(), 20)
        posts = [asyncio.create_task(crowd.post()) for _ in range(100)]
        cpu_before = _cpu_s(subject.pid)
        crowd.start()
        ended = asyncio.create_task(crowd.done.wait())
        await asyncio.wait({ended, *posts}, return_when=asyncio.FIRST_COMPLETED, timeout=300)
        took = (crowd.ended or time.perf_counter()) - crowd.began
        cpu = _cpu_s(subject.pid) - cpu_before
        for post in posts:
            post.cancel()
        ended.cancel()
        count = len(crowd.latencies_ms)
        cuts = statistics.quantiles(crowd.latencies_ms, n=100)
        print(
            f"{name:<34} {count / took:7.0f}/s   p50 {cuts[49]:6.0f} ms   p99 {cuts[98]:6.0f} ms   "
            f"{cpu / count * 1000:5.2f} CPU ms each   {_rss_mb(subject.pid):4.0f} MB   ({count})"
        )
        return count / took
    finally:
        subject.terminate()
        subject.wait(timeout=20)
        server.close()


async def _until_open(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise RuntimeError("it did not start")


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _rss_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def prepare(url: str, key: str, people: int) -> dict[int, str]:
    """People with invitations; each one's first word is `/start` with their token."""
    from bot import meetings

    upgrade(url)
    database = Database.open(url)
    service_key = ServiceKey.parse(key)
    starts: dict[int, str] = {}
    while len(starts) < people:
        file = meetings.read_meeting_file(meeting_of(min(100, people - len(starts))), "bench.yaml")
        made = database.run_now(
            partial(meetings.make_meeting, service_key=service_key, file=file, now=system_clock())
        )
        for person in made.people:
            starts[1000 + len(starts)] = f"/start {person.telegram}"
    database.close_now()
    return starts


async def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--database", default="")
    options.add_argument("--people", type=int, default=200)
    options.add_argument("--updates", type=int, default=6000)
    options.add_argument("--rounds", type=int, default=1)
    chosen = options.parse_args()
    ratios = []
    for _ in range(chosen.rounds):
        api = "http://127.0.0.1:9931"
        strangers = {1000 + n: "hello there" for n in range(chosen.people)}
        echo = await measure(
            "python-telegram-bot echo, no state",
            [sys.executable, "-m", "tests.bench.echo", api, "9932"],
            {},
            strangers,
            chosen.updates,
            9931,
            9932,
        )
        with tempfile.TemporaryDirectory() as folder:
            url = chosen.database or f"sqlite:///{folder}/bench.db"
            key = ServiceKey.new_line("bench")
            people = await asyncio.to_thread(prepare, url, key, chosen.people)
            ours = await measure(
                f"beforehand, {url.partition(':')[0]}",
                [sys.executable, "-m", "bot"],
                {
                    "BEFOREHAND_DATABASE_URL": url,
                    "BEFOREHAND_KEY": key,
                    "BEFOREHAND_TELEGRAM_TOKEN": "1:bench",
                    "BEFOREHAND_TELEGRAM_API_URL": "http://127.0.0.1:9933",
                    "BEFOREHAND_TELEGRAM_MODE": "webhook",
                    "BEFOREHAND_TELEGRAM_SECRET": SECRET,
                    "BEFOREHAND_PUBLIC_URL": "http://127.0.0.1:9934",
                    "BEFOREHAND_BIND": "127.0.0.1:9934",
                    "BEFOREHAND_DUTY_CONTACT": "duty@example.org",
                },
                people,
                chosen.updates,
                9933,
                9934,
            )
        ratios.append(ours / echo)
        print(f"ratio {ours / echo:.2f}")
    print(f"median ratio {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    asyncio.run(main())
