"""What is compared in the table and the plot, and which ratio lb is meant to keep."""

import dataclasses


@dataclasses.dataclass
class Comparison:
    """One figure of the contestants in one scenario: less is better."""
    scenario: str
    label: str
    metric: str
    unit: str
    case: str = ""
    scale: float = 1.0  # what the metric is multiplied with for the unit
    digits: int = 1
    ours: str = "lb"
    peer: str = ""  # compared with this one, else with the better of haproxy and nginx
    peer_goal: float = 0.0  # at most so many times the peer
    floor_goal: float = 0.0
    headline: str = ""  # where it stands in the project's README: what for, in plain words


COMPARISONS = [
    Comparison("keepalive", "keep-alive, tiny bodies", "cpu_us", "µs/request", peer_goal=0.75,
               floor_goal=1.15, headline="a request on a kept connection"),
    Comparison("logged", "the same with an access log", "cpu_us", "µs/request", peer_goal=0.75),
    Comparison("churn", "a new connection each time", "cpu_us", "µs/request", peer_goal=0.85,
               headline="a request on a new connection"),
    Comparison("body", "1 MB down", "cpu_ms_per_gb", "ms/GB", "1 MB down", digits=0,
               peer_goal=1.0),
    Comparison("body", "10 MB down", "cpu_ms_per_gb", "ms/GB", "10 MB down", digits=0,
               peer_goal=1.0, headline="an answer of 10 MB"),
    Comparison("body", "1 MB up", "cpu_ms_per_gb", "ms/GB", "1 MB up", digits=0, peer_goal=1.0),
    Comparison("body", "10 MB up", "cpu_ms_per_gb", "ms/GB", "10 MB up", digits=0, peer_goal=1.0),
    Comparison("latency", "p99 at half load", "p99_us", "µs", digits=0, peer_goal=1.0),
    Comparison("many", "memory of an idle connection", "idle_bytes", "bytes", digits=0,
               peer="nginx", peer_goal=1.0),
    Comparison("many", "64 busy beside 5 000 idle", "cpu_us", "µs/request"),
    Comparison("pool", "1 000 endpoints", "cpu_us", "µs/request"),
    Comparison("tcp", "TCP: passed down", "cpu_ms_per_gb", "ms/GB", "down", digits=0, peer_goal=0.9),
    Comparison("tcp", "TCP: passed up", "cpu_ms_per_gb", "ms/GB", "up", digits=0, peer_goal=0.9),
    Comparison("tcp", "TCP: a small exchange, 64 connections", "cpu_us", "µs/exchange",
               "exchange, 64 connections", peer_goal=0.9, headline="a small exchange by TCP"),
    Comparison("tcp", "TCP: a small exchange, 4 connections", "cpu_us", "µs/exchange",
               "exchange, 4 connections", peer_goal=0.9),
    Comparison("tcp", "TCP: a new connection with one exchange", "cpu_us", "µs/connection",
               "new connection", peer_goal=0.9),
    Comparison("udp", "UDP: to and fro, 1 flow", "cpu_us", "µs/pair", "1 flow", peer_goal=0.9),
    Comparison("udp", "UDP: to and fro, 100 flows", "cpu_us", "µs/pair", "100 flows", peer_goal=0.9),
    Comparison("udp", "UDP: to and fro, 4 000 flows", "cpu_us", "µs/pair", "4 000 flows",
               peer_goal=0.9),
    Comparison("tls", "TLS: keep-alive, tiny bodies", "cpu_us", "µs/request", "keep-alive", floor_goal=1.15,
               headline="a request by TLS"),
    Comparison("tls", "TLS: a full handshake", "cpu_us", "µs/handshake", "full handshake", digits=0,
               peer="haproxy", peer_goal=1.0),
    Comparison("tls", "TLS: a resumed handshake", "cpu_us", "µs/handshake", "resumed handshake", digits=0,
               peer="haproxy", peer_goal=1.0),
    Comparison("tls", "TLS: 1 MB down", "cpu_ms_per_gb", "ms/GB", "1 MB down", digits=0, peer_goal=1.0),
    Comparison("tls", "TLS: 1 MB up", "cpu_ms_per_gb", "ms/GB", "1 MB up", digits=0, peer_goal=1.0),
    Comparison("tls", "TLS: memory of an idle connection", "idle_bytes", "bytes", "idle", digits=0, peer_goal=1.0),
    Comparison("instructions", "instructions of a request", "instructions", "", digits=0),
    Comparison("routes", "the same, by 10 000 routes", "instructions", "", "10 000 routes", digits=0),
    Comparison("routes", "memory with 10 000 routes", "pss_mb", "MB", "10 000 routes"),
]

# Of lb (the first of them: of a bare relay) against itself: what must not cost anything.
SAME = [
    Comparison("pool", "1 000 endpoints instead of 4, a bare relay", "cpu_us", "µs/request",
               ours="floor", peer="floor, 4 endpoints"),
    Comparison("pool", "1 000 endpoints instead of 4", "cpu_us", "µs/request",
               peer="lb, 4 endpoints", peer_goal=1.03),
    Comparison("pool", "and 100 pool updates a second (serving threads)", "serving_us",
               "µs/request", ours="lb, updated", peer="lb, 4 endpoints", peer_goal=1.03),
]

# What the fields that tell the backend about the client (forwarded ones, request id) cost the peers.
FIELDS = [Comparison("keepalive", f"{peer} without them", "cpu_us", "µs/request",
                     ours=f"{peer}, no fields", peer=peer) for peer in ("haproxy", "nginx")]

# The greatest ratio of a series may be so many times the least. Beyond that it claims nothing.
SPREAD_MAX = 3.0

MEMORY_GOALS_MB = {"lb, its master": 2, "lb-proxy": 8, "lb-discovery": 12, "lb-discovery, Docker": 12}
ROUTES_GOAL = 1.03  # 10 000 routes instead of 1, in instructions of a request
BUILD_GOAL_MS = 50.0  # 10 000 routes
WORKERS_GOAL = 1.8
