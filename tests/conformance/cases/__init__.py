"""All tables, in the order of the RFC."""

from cases import (chunked, fields, hop_by_hop, host, identity, length, pipelining, request_line,
                   response_bodies, response_framing, semantics, upgrade)

TABLES = {module.TITLE: module.CASES
          for module in (request_line, host, fields, length, chunked, hop_by_hop, response_framing,
                         response_bodies, semantics, pipelining, upgrade, identity)}
ALL = [case for table in TABLES.values() for case in table]
