"""A backend whose health is whatever the test says at the moment. Checks ask for CHECK_PATH."""

import threading

from support.backend import RecordingBackend

CHECK_PATH = "/check"
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood"
BAD = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 3\r\n\r\nbad"


def answer_of(name):
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(name), name.encode())


class Patient(RecordingBackend):
    """`check` answers a check and `answer` any other request: bytes, a list of bytes sent one by one
    with `pause` in between, or None for a reset. Counts both kinds, and the checks at a time."""

    def __init__(self, name="ok", check=GOOD, **options):
        self.name = name
        self.check = check
        self.answer = answer_of(name)
        self.checks = []
        self.asked_count = 0
        self.running_checks = 0
        self.most_running_checks = 0
        self.hold = threading.Event()  # checks wait for it
        self.hold.set()
        self.lock = threading.Lock()
        super().__init__(self.serve, **options)

    def serve(self, connection):
        while True:
            request = connection.read_request()
            is_check = request.head.start_line.split(" ")[1] == CHECK_PATH
            with self.lock:
                if is_check:
                    self.checks.append(request)
                    self.running_checks += 1
                    self.most_running_checks = max(self.most_running_checks, self.running_checks)
                else:
                    self.asked_count += 1
            try:
                if is_check:
                    self.hold.wait(20)
                self.send(connection, self.check if is_check else self.answer)
            finally:
                if is_check:
                    with self.lock:
                        self.running_checks -= 1

    @staticmethod
    def send(connection, answer):
        if answer is None:
            connection.reset()
            raise OSError("reset, as the test wants it")
        for piece in answer if isinstance(answer, list) else [answer]:
            connection.send(piece)
