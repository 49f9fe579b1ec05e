"""The emulator in a process of its own, driven through /control: for kill -9 and benchmarks."""

import argparse
import asyncio
import sys

from tests.telegram.emulator.clock import MovableClock
from tests.telegram.emulator.server import TOKEN, Emulator


async def serve(port: int, token: str) -> None:
    """Serves until the process ends; its first line of output is its address."""
    async with Emulator.serving(now=MovableClock(), port=port, token=token) as telegram:
        sys.stdout.write(f"{telegram.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--port", type=int, default=0, help="0 takes a free one")
    asked.add_argument("--token", default=TOKEN)
    given = asked.parse_args()
    try:
        asyncio.run(serve(given.port, given.token))
    except KeyboardInterrupt:
        sys.exit(0)
