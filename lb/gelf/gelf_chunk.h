/* A message that does not fit into one datagram goes in chunks (GELF 1.1, "Chunking"): 1e 0f, 8 bytes that all chunks
 * of a message have alike, the chunk's number, how many there are; at most 128. Pure. */
#ifndef LB_GELF_GELF_CHUNK_H
#define LB_GELF_GELF_CHUNK_H

#include <stdint.h>

#include "lb/base/view.h"

#define GELF_CHUNK_DATAGRAM_BYTES 1420u /* passes through tunnels and overlays as it is */
#define GELF_CHUNK_DATAGRAM_MIN   64u
#define GELF_CHUNK_HEAD_BYTES     12u
#define GELF_CHUNK_COUNT_MAX      128u

/* How many datagrams a message of so many bytes takes: 1: it goes as it is, without a head; 0: it is too long. */
unsigned gelf_chunk_count(size_t message_bytes, size_t datagram_bytes);

/* One of `count` chunks: writes its head, gives its part of the message. */
struct view gelf_chunk_cut(struct view message, size_t datagram_bytes, uint64_t id, unsigned number,
                           unsigned count, unsigned char head[GELF_CHUNK_HEAD_BYTES]);

#endif
