"""The load as a process, read while it runs."""
import json
import signal
import subprocess
import threading


class Load:
    """tests/chaos/load as a process; its failures are read while it runs."""

    def __init__(self, program, target, rate, seed, tls_target=None):
        self.requests = self.failed = 0
        self.failures = []      # each as the program wrote it
        self.process = subprocess.Popen(
            [str(program), "--target", target, *(["--tls-target", tls_target] if tls_target else []), "--rate", str(rate), "--seed", str(seed)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stderr:
            entry = json.loads(line)
            if "number" in entry:
                self.failures.append(entry)
            else:
                self.requests, self.failed = entry["requests"], entry["failures"]

    def end(self):
        """Lets what is on its way finish; gives the program's report."""
        self.process.send_signal(signal.SIGTERM)
        report = json.loads(self.process.stdout.read())
        self.process.wait(30)
        self.reader.join(5)
        return report
