"""Headless Chromium, spoken to by the DevTools protocol over two pipes: JSON objects, each with a NUL
behind it. https://chromedevtools.github.io/devtools-protocol/"""

import base64
import json
import os
import select
import shutil
import subprocess
import time

from support.waiting import wait_for

PROGRAM = shutil.which("chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-extensions", "--hide-scrollbars", "--no-proxy-server", "--remote-debugging-pipe"]
TIMEOUT_S = 30
KEYS = {"Enter": (13, "\r"), "Tab": (9, ""), "Escape": (27, ""), "Space": (32, " "), "ArrowLeft": (37, ""),
        "ArrowUp": (38, ""), "ArrowRight": (39, ""), "ArrowDown": (40, ""), "End": (35, ""), "Home": (36, "")}


class Browser:
    """One Chromium with a profile of its own, and pages in it. `flags`: more of its own."""

    def __init__(self, folder, *flags):
        to_read, self.output = os.pipe()
        self.input, to_write = os.pipe()
        # Chromium reads descriptor 3 and writes to 4, by whatever numbers the pipes have here.
        script = f'exec 3<&{to_read} 4>&{to_write}; exec "$0" "$@"'
        self.process = subprocess.Popen(
            ["bash", "-c", script, PROGRAM, *FLAGS, *flags, f"--user-data-dir={folder}", "about:blank"],
            pass_fds=(to_read, to_write), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        os.close(to_read)
        os.close(to_write)
        self.buffer = b""
        self.events = []
        self.answers = {}
        self.last_id = 0

    def _take(self, timeout_s):
        """Sorts what comes into answers and events; false when nothing came."""
        if not select.select([self.input], [], [], timeout_s)[0]:
            return False
        data = os.read(self.input, 1 << 20)
        assert data, "Chromium ended"
        *messages, self.buffer = (self.buffer + data).split(b"\0")
        for message in map(json.loads, messages):
            if "id" in message:
                self.answers[message["id"]] = message
            else:
                self.events.append(message)
        return True

    def call(self, method, session=None, **params):
        self.last_id += 1
        request = {"id": self.last_id, "method": method, "params": params}
        if session:
            request["sessionId"] = session
        os.write(self.output, json.dumps(request).encode() + b"\0")
        end = time.monotonic() + TIMEOUT_S
        while self.last_id not in self.answers:
            assert time.monotonic() < end, f"Chromium does not answer to {method}"
            self._take(1)
        answer = self.answers.pop(self.last_id)
        assert "error" not in answer, f"{method}: {answer}"
        return answer["result"]

    def take_events(self):
        while self._take(0):
            pass
        return self.events

    def close(self):
        try:
            self.call("Browser.close")
            self.process.wait(TIMEOUT_S)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            os.close(self.input)
            os.close(self.output)


class Tab:
    """One page; what it asked the network for and what it wrote to the console is kept."""

    def __init__(self, browser, width=1200, height=900, scheme="light"):
        self.browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": scheme}])

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.wait(f"document.readyState === 'complete' && location.href === {json.dumps(url)}")
        return self

    def reload(self):
        self.run("window.isOld = true")
        self.call("Page.reload")
        self.wait("document.readyState === 'complete' && !window.isOld")

    def run(self, expression):
        """The value of a JavaScript expression; of a promise, what becomes of it."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait(self, expression, timeout_s=15):
        return wait_for(lambda: self.run(expression), expression, timeout_s, pause_s=0.05)

    def text(self, selector):
        return self.run(f"document.querySelector({json.dumps(selector)}).innerText")

    def type(self, text):
        self.call("Input.insertText", text=text)

    def press(self, key, times=1):
        """A key by its name in the DOM: Enter, Tab, Escape, ArrowRight, Space, …"""
        number, text = KEYS[key]
        more = {"text": text} if text else {}
        for kind in ("keyDown", "keyUp") * times:
            self.call("Input.dispatchKeyEvent", type=kind, key=text if key == "Space" else key, code=key,
                      windowsVirtualKeyCode=number, **more)

    def press_enter(self):
        self.press("Enter")

    def screenshot(self, path, height=None):
        """The whole page as a PNG, or its upper part."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        size["height"] = height or size["height"]
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True,
                         clip={**size, "scale": 1})
        path.write_bytes(base64.b64decode(shot["data"]))

    def _events(self, method):
        return [event["params"] for event in self.browser.take_events()
                if event.get("sessionId") == self.session and event["method"] == method]

    def requested_urls(self):
        return [event["request"]["url"] for event in self._events("Network.requestWillBeSent")]

    def complaints(self):
        """Errors and warnings of the console, uncaught exceptions, what the policy refused."""
        logged = [event["entry"] for event in self._events("Log.entryAdded")]
        said = [event for event in self._events("Runtime.consoleAPICalled")
                if event["type"] in ("error", "warning", "assert")]
        return [entry["text"] for entry in logged if entry["level"] in ("error", "warning")] + \
            said + self._events("Runtime.exceptionThrown")
