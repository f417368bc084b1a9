"""A question to Consul's DNS port, as dig would put it, and the records of the answer."""
import socket
import struct

A, SRV = 1, 33


def name_at(data, at):
    """(name, where it ends), with compression."""
    labels, end = [], None
    while data[at]:
        if data[at] >= 0xC0:
            end = end or at + 2
            at = struct.unpack("!H", data[at:at + 2])[0] & 0x3FFF
            continue
        labels.append(data[at + 1:at + 1 + data[at]].decode())
        at += 1 + data[at]
    return ".".join(labels), end or at + 1


def ask(address, name, kind=A, port=8600, timeout_s=5):
    """[addresses] of A, [(priority, weight, port, target)] of SRV."""
    question = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(timeout_s)
        sock.sendto(struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + question + struct.pack("!HH", kind, 1),
                    (address, port))
        data = sock.recv(65536)
    count = struct.unpack("!H", data[6:8])[0]
    at = 12 + len(question) + 4
    found = []
    for _ in range(count):
        _, at = name_at(data, at)
        its_kind, _, _, length = struct.unpack("!HHIH", data[at:at + 10])
        at += 10
        if its_kind == A and kind == A:
            found.append(socket.inet_ntoa(data[at:at + 4]))
        elif its_kind == SRV and kind == SRV:
            target, _ = name_at(data, at + 6)
            found.append((*struct.unpack("!HHH", data[at:at + 6]), target))
        at += length
    return found
