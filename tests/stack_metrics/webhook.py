"""Who is told of alerts: keeps what Alertmanager sends."""

import http.server
import json
import threading


class Webhook:
    def __init__(self):
        self.told = []  # (status, labels, annotations) of each alert, as they came
        webhook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # pylint: disable=invalid-name
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                webhook.told += [(alert["status"], alert["labels"], alert["annotations"]) for alert in body["alerts"]]
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://%s:%d/alerts" % self.server.server_address
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def find(self, status, alert, **labels):
        return [(found, annotations) for said, found, annotations in list(self.told)
                if said == status and found["alertname"] == alert and labels.items() <= found.items()]

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
