#include "lb/gelf/gelf_chunk.h"

unsigned gelf_chunk_count(size_t message_bytes, size_t datagram_bytes)
{
    if (message_bytes <= datagram_bytes)
        return 1;
    size_t payload = datagram_bytes - GELF_CHUNK_HEAD_BYTES;
    size_t count = (message_bytes + payload - 1) / payload;
    return count <= GELF_CHUNK_COUNT_MAX ? (unsigned)count : 0;
}

struct view gelf_chunk_cut(struct view message, size_t datagram_bytes, uint64_t id, unsigned number,
                           unsigned count, unsigned char head[GELF_CHUNK_HEAD_BYTES])
{
    size_t payload = datagram_bytes - GELF_CHUNK_HEAD_BYTES;
    struct view part = view_skip(message, number * payload);
    if (part.len > payload)
        part.len = payload;
    head[0] = 0x1e;
    head[1] = 0x0f;
    for (unsigned i = 0; i < 8; i++)
        head[2 + i] = (unsigned char)(id >> (56 - 8 * i));
    head[10] = (unsigned char)number;
    head[11] = (unsigned char)count;
    return part;
}
