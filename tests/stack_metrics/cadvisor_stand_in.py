"""Numbers of containers in the words of cAdvisor 0.38.7 (and 0.49), which needs a Docker engine to have any: for the joins of the
dashboards. With a real one they are shown in tests/docker."""

import http.server
import threading
import time

FAMILIES = {
    "container_cpu_usage_seconds_total": ("counter", lambda now: now % 1e6),
    "container_memory_working_set_bytes": ("gauge", lambda now: 4e6),
    "container_memory_rss": ("gauge", lambda now: 3e6),
    "container_start_time_seconds": ("gauge", lambda now: now // 3600 * 3600),
    "container_network_receive_bytes_total": ("counter", lambda now: now % 1e6 * 100),
    "container_network_transmit_bytes_total": ("counter", lambda now: now % 1e6 * 200),
}


class CadvisorStandIn:
    def __init__(self, *names):
        stand_in = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # pylint: disable=invalid-name
                body = stand_in.page().encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        self.names = names
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = "%s:%d" % self.server.server_address
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def page(self):
        lines, now = [], time.time()
        for family, (kind, value) in FAMILIES.items():
            lines += [f"# HELP {family} Of a container.", f"# TYPE {family} {kind}", f'{family}{{id="/"}} {value(now)}']
            lines += [f'{family}{{container_label_lb_demo="x",id="/docker/{name:0>64}",image="appserver:latest",name="{name}"}} {value(now)}'
                      for name in self.names]
        return "\n".join(lines) + "\n"

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
