#include "appserver/sha1.h"

#define BLOCK_BYTES 64

static uint32_t rotate(uint32_t word, unsigned count)
{
    return word << count | word >> (32 - count);
}

static uint32_t load_word(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* One round's function of three words, with its constant (RFC 3174 § 5). */
static uint32_t mix(unsigned round, uint32_t b, uint32_t c, uint32_t d)
{
    if (round < 20)
        return ((b & c) | (~b & d)) + 0x5A827999;
    if (round < 40)
        return (b ^ c ^ d) + 0x6ED9EBA1;
    if (round < 60)
        return ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC;
    return (b ^ c ^ d) + 0xCA62C1D6;
}

static void take_block(uint32_t state[5], const unsigned char block[BLOCK_BYTES])
{
    uint32_t words[80];
    for (unsigned i = 0; i < 16; i++)
        words[i] = load_word(block + 4 * i);
    for (unsigned i = 16; i < 80; i++)
        words[i] = rotate(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (unsigned i = 0; i < 80; i++) {
        uint32_t next = rotate(a, 5) + mix(i, b, c, d) + e + words[i];
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
}

void sha1_of(struct view bytes, unsigned char digest[SHA1_BYTES])
{
    uint32_t state[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    uint64_t bits = (uint64_t)bytes.len * 8;
    for (; bytes.len >= BLOCK_BYTES; bytes = view_skip(bytes, BLOCK_BYTES))
        take_block(state, (const unsigned char *)bytes.ptr);
    /* The rest, a 1 bit, zeros, and the length in the last eight bytes: one block or two. */
    unsigned char tail[2 * BLOCK_BYTES] = {0};
    size_t tail_bytes = bytes.len + 9 <= BLOCK_BYTES ? BLOCK_BYTES : 2 * BLOCK_BYTES;
    if (bytes.len > 0)
        memcpy(tail, bytes.ptr, bytes.len);
    tail[bytes.len] = 0x80;
    for (unsigned i = 0; i < 8; i++)
        tail[tail_bytes - 1 - i] = (unsigned char)(bits >> 8 * i);
    for (size_t at = 0; at < tail_bytes; at += BLOCK_BYTES)
        take_block(state, tail + at);
    for (unsigned i = 0; i < SHA1_BYTES; i++)
        digest[i] = (unsigned char)(state[i / 4] >> (24 - 8 * (i % 4)));
}
