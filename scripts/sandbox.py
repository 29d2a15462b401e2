"""A local Cloud API for the scripts here: `wacloud sandbox`, and what it tells over HTTP.

It ends when the block does, and also when the script is killed: its standard input ends then.
"""

import json
import os
import subprocess
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

# What a program may bring along that would change how it reaches the sandbox.
FOREIGN = ("WA_PHONE_ID", "WA_TOKEN", "WA_BUSINESS_ACCOUNT_ID", "WA_BASE_URL", "WA_API_VERSION")


def make_node_package_findable(folder: Path) -> None:
    """Lets programs in a folder import our Node package, as `npm install` would."""
    package = folder / "node_modules" / "wacloud"
    package.parent.mkdir(parents=True, exist_ok=True)
    if not package.is_symlink():
        package.symlink_to(Path(__file__).resolve().parents[1] / "node")


class LocalCloudApi:
    """A sandbox on a free port."""

    def __init__(self, binary: str) -> None:
        self._binary = binary

    def __enter__(self) -> "LocalCloudApi":
        self._process = subprocess.Popen(
            [self._binary, "sandbox", "--port", "0", "--json", "--exit-with-parent"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(
                f"{self._binary} sandbox ended with {self._process.wait()} before it was ready"
            )
        ready = json.loads(line)
        self.url: str = ready["url"]
        self.phone_number_id: str = ready["phone_number_id"]
        self.business_account_id: str = ready["business_account_id"]
        self.token: str = ready["token"]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            status = self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise SystemExit("the sandbox did not end with its standard input") from error
        if status and error is None:
            raise SystemExit(f"the sandbox ended with status {status}")

    def environment(self) -> dict[str, str]:
        """An environment in which `from_env()` makes a client of this sandbox."""
        inherited = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        return inherited | {
            "WA_PHONE_ID": self.phone_number_id,
            "WA_TOKEN": self.token,
            "WA_BUSINESS_ACCOUNT_ID": self.business_account_id,
            "WA_BASE_URL": self.url,
        }

    def get(self, what: str) -> Any:
        return self._control("GET", what)

    def configure(self, **settings: object) -> None:
        """Changes settings of the running sandbox."""
        self._control("PUT", "settings", settings)

    def put_media(self, **media: object) -> None:
        """Has a file, as if a customer had sent it."""
        self._control("POST", "media", media)

    def put_template(self, **template: object) -> None:
        """Has a template."""
        self._control("POST", "templates", template)

    def reset(self) -> None:
        """Forgets messages, requests, faults and changed settings."""
        self._control("POST", "reset", {"settings": True})

    def _control(self, method: str, what: str, body: object = None) -> Any:
        request = urllib.request.Request(
            f"{self.url}/_sandbox/{what}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json"},
        )
        # The environment's proxy is for other machines.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            return json.load(answer)
